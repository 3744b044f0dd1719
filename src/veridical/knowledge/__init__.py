"""Tables of known facts, each with its source: names of generators, source types of IPTC."""
