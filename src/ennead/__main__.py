"""``python -m ennead`` is ``ennead``."""

from __future__ import annotations

from ennead.cli.main import main

if __name__ == "__main__":
    main()
