"""Networks that are trained or run with torch: the only home of torch, which comes with the extra ``train``."""
