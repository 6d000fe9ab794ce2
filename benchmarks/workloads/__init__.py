"""All workloads, in the order of the report. A new one: a file beside this, and its name here."""

from benchmarks.workloads import dataloader, growth, importing, mlp, overhead

WORKLOADS = {
    workload.name: workload
    for file in (overhead, mlp, dataloader, importing, growth)
    for workload in file.WORKLOADS
}
