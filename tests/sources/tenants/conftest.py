"""The project is run as a program: its settings and models are none of this process."""

collect_ignore = ["customers", "library", "program.py", "urls.py"]
