"""``python -m tradeoff``, the same as ``tradeoff``."""

from tradeoff import main

if __name__ == "__main__":
    main()
