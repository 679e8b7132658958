"""What runbrowser costs, measured side by side with its peers: ``python -m benchmarks NAME``."""
