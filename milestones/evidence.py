"""What every milestone leaves behind: evidence.json, and the same as a table in evidence.md."""

import json
import platform
from datetime import date
from pathlib import Path

import numpy as np

from tito.course import write_whole
from tito.modules import find_milestone


def write_evidence(folder, results, **details):
    """Write evidence.json and evidence.md into `folder`, a milestone's.

    `results` says for each of the milestone's criteria, by name, what was measured and whether
    the criterion holds: {"accuracy": (0.998, True)}; one that is measured only when asked for may
    lack. `details` go into the JSON file as they are.
    """
    folder = Path(folder)
    criteria = []
    for criterion in find_milestone(folder.name).criteria:
        if criterion.when_asked and criterion.name not in results:
            continue
        value, holds = results[criterion.name]
        asked = {"name": criterion.name, "target": criterion.target}
        criteria.append({**asked, "value": value, "holds": bool(holds)})
    evidence = {
        "milestone": folder.name,
        "date": date.today().isoformat(),
        "versions": {"python": platform.python_version(), "numpy": np.__version__},
        "criteria": criteria,
        **details,
    }
    text = json.dumps(evidence, indent=2, ensure_ascii=False)
    write_whole(folder / "evidence.json", text + "\n")
    write_whole(folder / "evidence.md", as_table(criteria))


def as_table(criteria):
    """The criteria as a Markdown table."""
    rows = [
        f"| {c['name']} | {c['target']} | {c['value']} | {'yes' if c['holds'] else 'no'} |"
        for c in criteria
    ]
    return "\n".join(["| criterion | target | measured | holds |", "|---|---|---|---|", *rows, ""])
