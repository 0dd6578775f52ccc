"""Tables and views as Parquet files, in a folder or in a bucket."""
