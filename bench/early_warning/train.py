"""`python -m bench.early_warning.train`: train the GRU and the LSTM of each fold, and write the models that ship.

Needs PyTorch (`pip install 'ennead[train]'`). What was trained is kept in `.bench/early_warning/models`; a fold that is
there is not trained again. `--ship` trains nothing and only writes the models that ship, from the fold of the split.
"""

import argparse
import json
import sys
import time
from importlib import import_module
from importlib.util import find_spec

from bench.detection.scenario import ROOT
from bench.early_warning.folds import Corpus, Fold, evaluation_fold, leave_one_out, threshold_folds
from bench.early_warning.models import FOLDER, form_of, trained
from bench.early_warning.thresholds import thresholds
from ennead.domains.nplusone.sequence_model import KINDS, sequence_model_to_json
from ennead.learners.backoff import BackoffModel
from ennead.learners.recurrent import GATES
from ennead.training.sequences import Training, train_recurrent, weighed

SHIPPED = ROOT / "src" / "ennead" / "domains" / "nplusone" / "models"


def main() -> None:
    arguments = _parse()
    corpus = Corpus()
    if not arguments.ship:
        for fold in (*threshold_folds(), evaluation_fold(), *leave_one_out()):
            _train(corpus, fold)
    for kind in KINDS:
        _ship(kind, corpus)


def _train(corpus: Corpus, fold: Fold) -> None:
    if find_spec("torch"):
        import_module("torch").set_num_threads(1)
    for kind in GATES:
        path = FOLDER / f"{fold.file_stem}-{kind}.json"
        if not path.exists():
            started = time.perf_counter()
            streams = [unit.stream for unit in weighed(corpus.training(fold))]
            form = train_recurrent(streams, Training(kind=kind))
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(json.dumps(form), encoding="utf-8")
            print(f"{kind}, {fold.name}: {time.perf_counter() - started:.0f} s", file=sys.stderr, flush=True)


def _ship(kind: str, corpus: Corpus) -> None:
    model = trained(kind, evaluation_fold(), corpus)
    if model is None:
        print(f"{kind} was not trained", file=sys.stderr)
        return
    form = model.to_json() if isinstance(model, BackoffModel) else form_of(kind, evaluation_fold())
    told = sequence_model_to_json(form, thresholds(kind, corpus))
    path = SHIPPED / f"sequence-{kind}.json"
    path.write_text(json.dumps(told, separators=(",", ":")) + "\n", encoding="utf-8")
    print(f"{path.name}: {path.stat().st_size:,} bytes, thresholds {told['thresholds']}")


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--ship", action="store_true", help="train nothing")
    return parser.parse_args()


if __name__ == "__main__":
    main()
