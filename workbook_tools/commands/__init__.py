"""The commands: arguments in, Chinese sentences and exit codes out."""
