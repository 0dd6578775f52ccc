"""What the commands do: prepare the databases, sync accounts in this process, run Dagster's processes."""
