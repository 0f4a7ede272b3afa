"""What the GitHub Action does: install Ennead, run the command under it, hand the reports to GitHub."""

import os
import shlex
import subprocess
import sys
from pathlib import Path

_FILES = {"sarif": "ennead.sarif", "junit": "ennead.xml", "markdown": "ennead.md"}


def main() -> int:
    """Do it; the exit code is that of ``ennead run``."""
    command = words("COMMAND")
    if not command:
        print("::error title=ennead::name the command to run in the input 'command'")
        return 2
    packages = words("INSTALL")
    if packages:
        subprocess.run([sys.executable, "-m", "pip", "install", "--quiet", *packages], check=True)
    folder = Path(os.environ["RUNNER_TEMP"], "ennead")
    folder.mkdir(parents=True, exist_ok=True)
    files = {form: folder / name for form, name in _FILES.items()}
    for file in files.values():
        file.unlink(missing_ok=True)
    ran = subprocess.run([sys.executable, "-m", "ennead", "run", *options(files), "--", *command], check=False)
    written = {form: file for form, file in files.items() if file.exists()}
    append("GITHUB_OUTPUT", "".join(f"{form}={file}\n" for form, file in written.items()))
    if "markdown" in written:
        append("GITHUB_STEP_SUMMARY", written["markdown"].read_text(encoding="utf-8"))
    return ran.returncode


def options(files: dict[str, Path]) -> list[str]:
    """Those of ``ennead run``: a file for each report, annotations into the log."""
    told = ["--no-live", "--no-suppressed", "--root", os.environ["GITHUB_WORKSPACE"]]
    for form, file in files.items():
        told += ["--format", form, "--output-file", str(file)]
    fail_on = os.environ.get("ENNEAD_ACTION_FAIL_ON", "").strip()
    return [*told, "--format", "github", *(["--fail-on", fail_on] if fail_on else []), *words("OPTIONS")]


def words(name: str) -> list[str]:
    """The words of an input."""
    return shlex.split(os.environ.get(f"ENNEAD_ACTION_{name}", ""))


def append(variable: str, text: str) -> None:
    """Add to a file that GitHub reads when the step has ended."""
    with Path(os.environ[variable]).open("a", encoding="utf-8") as file:
        file.write(text)


if __name__ == "__main__":
    sys.exit(main())
