"""``runbrowser completion``: what a shell needs to complete commands and options."""

from __future__ import annotations

import click

from runbrowser.cli import output


@click.command("completion")
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def completion(ctx: click.Context, shell: str) -> int:
    """Print a script that teaches a shell to complete runbrowser.

    \b
      bash:  eval "$(runbrowser completion bash)"        in ~/.bashrc
      zsh:   eval "$(runbrowser completion zsh)"         in ~/.zshrc
      fish:  runbrowser completion fish | source         in config.fish
    """
    from click.shell_completion import get_completion_class

    kind = get_completion_class(shell)
    if kind is None:  # cannot be: the choice names what click has
        raise click.UsageError(f"{shell} cannot be taught.")
    script = kind(ctx.find_root().command, {}, "runbrowser", "_RUNBROWSER_COMPLETE").source()
    output.write_text(script + "\n")
    return 0
