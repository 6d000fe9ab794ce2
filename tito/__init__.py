"""The course tool: `tito --help` lists what it does."""
