"""What the import pages send."""

from dataclasses import dataclass
from typing import Any

from django.http import QueryDict

from shuke.imports import ports
from shuke.imports.models import ImportRun
from shuke.imports.services.receiving import setting_of
from shuke.imports.services.running import sample_frame


@dataclass(frozen=True)
class MappingForm:
    """The mapping editor: `column_0` … name a field each, options come as `option_…`."""

    mapping: dict[str, str]
    options: dict[str, Any]
    source: str

    @classmethod
    def read(cls, posted: QueryDict, run: ImportRun) -> "MappingForm":
        """Unknown fields are left out; a field given twice stays with its first column. New fields are made before."""
        codes = {field.code for field in ports.target(run.target).fields()}
        mapping: dict[str, str] = {}
        for i in range(len(run.found.get("columns", []))):
            code = posted.get(f"column_{i}", "")
            if code in codes and code not in mapping:
                mapping[code] = f"c{i}"
        options = {
            key.removeprefix("option_"): value for key, value in posted.items() if key.startswith("option_")
        }
        setting = setting_of(run)
        asked = ports.Setting(setting.run_id, setting.source, mapping, setting.options)
        advice = ports.target(run.target).advise(sample_frame(run), asked)
        answers = {choice.code: {value for value, _label in choice.answers} for choice in advice.choices}
        known = {key: str(value) for key, value in options.items() if value in answers.get(key, ())}
        winners = dict(winners_of(advice))
        rules = {
            f"wins_{code}": value
            for code in mapping
            if code in advice.ruled and (value := posted.get(f"wins_{code}", "")) in winners
        }
        source = posted.get("source", "").strip()[:40] or (run.source.name if run.source else "")
        return cls(mapping, known | rules, source)


def winners_of(advice: ports.Advice) -> tuple[tuple[str, ports.Text], ...]:
    """Who may win a single field: the answers to the question for all of them."""
    return next((choice.answers for choice in advice.choices if choice.code == "wins"), ())
