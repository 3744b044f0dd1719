"""Weighing: from raw statistics to likelihood ratios, bounded by what was calibrated."""
