"""All workloads, in the order of the report. A new one: a file beside this, and its name here."""

from benchmarks.workloads import cnn, dataloader, growth, importing, mlp, overhead

WORKLOADS = {
    workload.name: workload
    for file in (overhead, mlp, cnn, dataloader, importing, growth)
    for workload in file.WORKLOADS
}
