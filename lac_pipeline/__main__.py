"""`python -m lac_pipeline` is `lac`."""

from lac_pipeline.cli import main

if __name__ == "__main__":
    main()
