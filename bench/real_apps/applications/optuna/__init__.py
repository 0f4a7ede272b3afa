"""optuna: studies and trials in an RDB storage."""
