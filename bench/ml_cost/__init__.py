"""What the learnt part costs beside the rules alone: time and memory of an analysis, and where the time goes."""
