"""The page of ``certbeam preview --serve``: a template's certificates beside its source, reloaded after each save.

:mod:`~certbeam.pipelines.cli.authoring.session` loads the template and draws its certificates,
:mod:`~certbeam.pipelines.cli.authoring.watcher` reloads it, and :mod:`~certbeam.pipelines.cli.authoring.server` serves
both to ``page.html``, ``page.css`` and ``page.js``, which need no build step.
"""
