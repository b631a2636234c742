"""Times crowd-kit's aggregators on label.csv of a folder: from data frame to posteriors, the best of several runs.

Its MACE and GLAD take minutes on 100,000 labels and are left out.
"""

import importlib.metadata
import json
import sys
import time

import pandas as pd
from crowdkit.aggregation import DawidSkene, MajorityVote, OneCoinDawidSkene

METHODS = {
    "majority": (lambda: MajorityVote(), 5),
    "one-coin": (lambda: OneCoinDawidSkene(n_iter=100), 3),
    "dawid-skene": (lambda: DawidSkene(n_iter=100), 3),
}


def main(folder: str) -> None:
    labels = pd.read_csv(f"{folder}/label.csv")
    truth = pd.read_csv(f"{folder}/truth.csv").set_index("task")["truth"]
    measured = {}
    for name, (create, runs) in METHODS.items():
        best = float("inf")
        for _ in range(runs):
            started = time.perf_counter()
            probabilities = create().fit_predict_proba(labels)
            best = min(best, time.perf_counter() - started)
        verdicts = probabilities.idxmax(axis=1)
        accuracy = float((verdicts == truth.reindex(verdicts.index)).mean())
        measured[name] = {"seconds": round(best, 5), "accuracy": round(accuracy, 4)}
    version = importlib.metadata.version("crowd-kit")
    print(json.dumps({"name": f"crowd-kit {version}", "methods": measured}))


main(sys.argv[1])
