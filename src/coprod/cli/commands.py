"""The commands that look after the workplace: what there is, what it is made for, whether it is right."""

from __future__ import annotations

from dataclasses import asdict

import click

from coprod.cli.complete import complete_notebook
from coprod.cli.group import main, write_columns, write_json
from coprod.errors import EnvironmentProblem

json_option = click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")


@main.command("list")
@json_option
def list_(as_json: bool) -> None:
    """List the notebooks: name, slides, question.

    \b
    coprod list
    coprod list --json
    """
    from coprod.home import project_home
    from coprod.reproduce.notebooks import list_notebooks, say_slides

    notebooks = list_notebooks(project_home())
    if as_json:
        write_json({"notebooks": [asdict(notebook) for notebook in notebooks]})
    else:
        write_columns([(n.name, say_slides(n.slides), n.question) for n in notebooks])


@main.command()
@click.argument("notebook", shell_complete=complete_notebook)
@json_option
def params(notebook: str, as_json: bool) -> None:
    """Show the parameters of NOTEBOOK: name, legal values, default, meaning.

    \b
    coprod params 03
    coprod params 03_commissioning --json
    """
    from coprod.home import project_home
    from coprod.reproduce.notebooks import choose, list_notebooks
    from coprod.reproduce.parameters import read_parameters

    (chosen,) = choose(list_notebooks(project_home()), [notebook])
    parameters = read_parameters(chosen.path)
    if as_json:
        write_json({"notebook": chosen.name, "parameters": [asdict(parameter) for parameter in parameters]})
        return
    if not parameters:
        click.echo(f"{chosen.name} has no parameters", err=True)
    write_columns([(p.name, p.annotation, repr(p.default), p.comment) for p in parameters])


@main.command()
@json_option
def doctor(as_json: bool) -> None:
    """Say what is not as a run needs it, and its mend.

    Looks at Python, packages, tables, notebooks, kernels, folders and the machine. What only could
    be better is a note. Exit code 5 if something has to be mended.

    \b
    coprod doctor
    coprod doctor --json
    """
    from coprod.home import project_home
    from coprod.reproduce.doctor import examine

    findings = examine(project_home())
    if as_json:
        write_json({"ok": all(f.ok for f in findings), "findings": [asdict(finding) for finding in findings]})
    for finding in () if as_json else findings:
        good = click.style("note  ", bold=True) if finding.mend else click.style("ok    ", fg="green")
        word = good if finding.ok else click.style("not ok", fg="red", bold=True)
        click.echo(f"{word}  {finding.subject}: {finding.found}")
        if finding.mend:
            click.echo(f"        mend: {finding.mend}")
    if faults := [finding.subject for finding in findings if not finding.ok]:
        raise EnvironmentProblem(f"not as a run needs it: {', '.join(faults)}; each has its mend on stdout")


@main.command()
@click.option("--bibtex", is_flag=True, help="As BibTeX.")
@json_option
def cite(bibtex: bool, as_json: bool) -> None:
    """Say how to cite this package and the talk.

    \b
    coprod cite
    coprod cite --bibtex >> references.bib
    """
    from coprod.data import read_talk
    from coprod.report.citation import cite_package, cite_talk

    works = [cite_package(), cite_talk(read_talk())]
    if as_json:
        write_json({"works": [{"key": w.key, "kind": w.kind, **dict(w.fields), "text": w.text()} for w in works]})
        return
    click.echo("\n\n".join(work.bibtex() if bibtex else work.text() for work in works))
