"""Networks as torch modules; import one where torch is known to be installed."""
