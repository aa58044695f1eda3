"""`python -m feedhub`: the command line."""

from feedhub.cli import main

main()
