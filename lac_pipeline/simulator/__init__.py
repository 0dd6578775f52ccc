"""A strict, stateful, seeded double of LinkedIn's Marketing API for the demo, the tests and the benchmarks."""
