"""`python -m app`: everything that an operator types.

Each command imports what it needs when it runs: `--help` waits for neither Faust nor Kafka.
"""

from __future__ import annotations

import click

from app.cli.audit.command import audit
from app.cli.effects import effects
from app.cli.send import send
from app.cli.topics import topics


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
def main() -> None:
    """Orders on Kafka: commands are decided, events published and rows written exactly once.

    Every setting is an environment variable; `settings` prints them all with their values.
    """


@main.command()
def worker() -> None:
    """Run a worker until SIGTERM or Ctrl-C.

    It decides the commands of its partitions and answers HTTP at WEB_HOST:WEB_PORT. Start as many as you
    like: they share the partitions.
    """
    from app.main import run_worker  # noqa: PLC0415 - Faust takes a second to import

    run_worker()


@main.command()
def settings() -> None:
    """Print every setting: environment variable, value, unit, meaning."""
    from app.settings import describe, load  # noqa: PLC0415 - see above

    for line in describe(load()):
        click.echo(line)


@main.command(
    add_help_option=False, context_settings={"ignore_unknown_options": True, "allow_extra_args": True}
)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def replay(arguments: tuple[str, ...]) -> None:
    """Turn a public data set into commands and send them (replay --help)."""
    from app.cli.replay import main as run  # noqa: PLC0415 - see above

    raise SystemExit(run(list(arguments)))


main.add_command(audit)
main.add_command(effects)
main.add_command(send)
main.add_command(topics)

if __name__ == "__main__":
    main(prog_name="python -m app")
