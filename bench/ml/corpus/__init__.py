"""The corpus of labelled groups: how it is recorded and derived. `*.csv` beside this file is what comes out."""
