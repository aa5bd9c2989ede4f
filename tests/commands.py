"""A command of `sonla`, run in the process of the test."""

from sonla_analysis.cli import main


def said(capsys, *arguments) -> tuple[int, str, str]:
    """Return a command's exit code, what it printed, and what it told beside it."""
    code = main([str(one) for one in arguments])
    captured = capsys.readouterr()
    return code, captured.out, captured.err
