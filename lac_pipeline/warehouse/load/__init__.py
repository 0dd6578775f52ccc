"""From fetched records to rows: staging, upsert, pruning, history, quarantine and the log of attempts."""
