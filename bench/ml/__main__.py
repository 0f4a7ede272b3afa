"""`python -m bench.ml`: the learnt part on applications that it never saw, beside rules, detectors and a rival's rule.

Trains the models on the training applications, the scenarios and the generated examples, measures them on the
evaluation applications, then each application by a model of all others, and writes RESULTS.md. `--train` also writes
the models that ship, the fixture of the tests and the model card.
"""

import argparse
import sys
from pathlib import Path

from bench.ml.environment import run_where_lightgbm_is

RESULTS = Path(__file__).with_name("RESULTS.md")


def main() -> None:
    arguments = _parse()
    run_where_lightgbm_is("bench.ml")
    from bench.ml.run import run  # it imports what trains

    RESULTS.write_text(run(train=arguments.train), encoding="utf-8")
    print(f"written: {RESULTS}", file=sys.stderr)


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--train", action="store_true", help="write the models that ship, too")
    return parser.parse_args()


if __name__ == "__main__":
    main()
