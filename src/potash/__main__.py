"""``python -m potash``."""

from potash.cli import main

if __name__ == "__main__":
    main()
