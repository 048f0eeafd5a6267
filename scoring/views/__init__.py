"""Pages of scoring, by journey: the criteria table, the evidence, the sheets, the runs."""
