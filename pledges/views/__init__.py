"""Pages of the pledge, by journey: reading and discussing, drafting, the steps, the versions."""
