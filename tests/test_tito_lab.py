"""`tito lab`: JupyterLab on the notebook, with or without a screen."""

import json
import os
import re
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request

import pytest

pytest.importorskip("jupyterlab")


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


@pytest.fixture
def address(tiny_course):
    """The address that `tito lab 02` prints where there is no screen."""
    screenless = {
        name: value for name, value in os.environ.items()
        if name not in ("DISPLAY", "WAYLAND_DISPLAY")
    }  # fmt: skip
    server = subprocess.Popen(
        [sys.executable, "-m", "tito", "lab", "02", f"--port={free_port()}"],
        cwd=tiny_course / "nbs", env=screenless, text=True, encoding="utf-8",
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    try:
        lines = iter(server.stdout.readline, "")
        yield next(found[0] for line in lines if (found := re.search(r"http://127\S+", line)))
    finally:
        server.terminate()
        server.communicate(timeout=30)


def fetch(url):
    """The JSON at the address, once the server, which prints first, listens too."""
    deadline = time.monotonic() + 20
    while True:
        try:
            with urllib.request.urlopen(url, timeout=30) as reply:
                return json.load(reply)
        except urllib.error.URLError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)


def test_the_notebook_is_served_from_the_courses_folder(address):
    shape = r"(http://[^/]+)/lab/tree/nbs/02_activations\.ipynb\?token=(\w+)"
    base, token = re.fullmatch(shape, address).groups()
    found = fetch(f"{base}/api/contents/nbs?token={token}")["content"]
    assert {entry["name"] for entry in found} == {"01_tensor.ipynb", "02_activations.ipynb"}


def test_a_missing_notebook_is_not_served(tiny_course):
    (tiny_course / "nbs/02_activations.ipynb").unlink()
    run = subprocess.run(
        [sys.executable, "-m", "tito", "lab", "02"], capture_output=True, text=True, timeout=60
    )
    assert run.returncode == 1 and "not part of this edition" in run.stderr
