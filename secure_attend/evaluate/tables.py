"""The figures as Markdown tables, as in docs/evidence/accuracy.md."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from secure_attend.evaluate.class_first import ClassFirst
from secure_attend.evaluate.evaluation import Evaluation
from secure_attend.evaluate.measure import Measured, OpenSet
from secure_attend.evaluate.rates import Rate
from secure_attend.evaluate.sites import TARGETS
from secure_attend.faces.matching.operating_point import LEAST_PEOPLE
from secure_attend.faces.models.profiles import PUBLISHED

LEVELS = (0.1, 0.01, 0.001)


def markdown_report(evaluations: Sequence[Evaluation], not_measured: Sequence[str]) -> str:
    """Return one page: all profiles in one table, then each in a section of its own."""
    parts = ["## Profiles", _profiles(evaluations), *(f"Not measured: {line}" for line in not_measured), READING]
    for evaluation in evaluations:
        parts += _profile_section(evaluation)
    return "\n\n".join(parts) + "\n"


READING = """How to read it: *enrolled/shown* is how many pictures are registered a person, and how many make one try. A
try is wrong when the nearest person is another (rank-1). FTA: pictures without a face found. FNIR: tries of
registered people that do not end with their own name, tries without a face included. FPIR: tries of strangers
that end with a name. Each rate is followed by its 95 % interval in brackets, its errors and tries over all
random divisions of the same pictures, and how many people had an error. The interval (Clopper-Pearson, exact)
counts the tries of one division only: trying the same pictures again shows nothing new. It takes tries for
independent; those of one person are not."""


def _profiles(evaluations: Sequence[Evaluation]) -> str:
    rows = []
    for evaluation in evaluations:
        for measured in evaluation.measured:
            rows.append(
                [
                    evaluation.profile.name,
                    f"{evaluation.profile.detector} + {evaluation.profile.recogniser}",
                    _setting_name(measured),
                    str(measured.people),
                    share(1 - measured.closed.found.rate, 3),
                    share(1 - measured.closed.all_tries.rate, 3),
                    share(evaluation.detection.rate, 3),
                    f"{evaluation.times.find_median:.0f} + {evaluation.times.embed_median:.0f}"
                    if evaluation.times
                    else "",
                ]
            )
    titles = ["profile", "models", "enrolled/shown", "people", "rank-1 of found", "rank-1, misses counted", "FTA"]
    return table([*titles, "ms an image (find + embed, median)"], rows)


def _profile_section(evaluation: Evaluation) -> list[str]:
    profile, detection = evaluation.profile, evaluation.detection
    parts = [
        f"## {profile.name}: {profile.detector} + {profile.recogniser}",
        f"{evaluation.people} people, {detection.tries} pictures, {evaluation.several_faces} with several faces "
        f"(the most central one was taken), {len(evaluation.samples.unreadable)} files that are not pictures. "
        f"No face found (FTA): {with_evidence(detection)}.",
    ]
    if evaluation.times:
        times = evaluation.times
        parts.append(
            f"Time an image, {times.images} images, median (95th percentile): finding {times.find_median:.0f} "
            f"({times.find_p95:.0f}) ms, embedding {times.embed_median:.0f} ({times.embed_p95:.0f}) ms."
        )
    parts += ["### Closed set: everyone shown is registered", _closed_set_table(evaluation.measured)]
    parts += [
        f"What the margin of {profile.margin:g} to the second person is worth:",
        _margins_table(evaluation.measured),
    ]
    for measured in evaluation.measured:
        parts += _setting_parts(evaluation, measured)
    if evaluation.measured[-1].sites:
        parts += _sites_section(evaluation.measured[-1])
    if evaluation.groups:
        parts += [f"### By group ({_setting_name(evaluation.measured[-1])})", _groups(evaluation)]
    return parts


def _closed_set_table(measured: Iterable[Measured]) -> str:
    rows = [
        [
            _setting_name(each),
            f"{each.people} ({each.left_out})",
            with_evidence(each.closed.found),
            with_evidence(each.closed.all_tries),
            ", ".join(share(rank, 2) for rank in (each.closed.cmc[1], each.closed.cmc[4], each.closed.cmc[9])),
            share(each.one_to_one.equal_error, 3),
            ", ".join(share(each.one_to_one.at(level)[2], 2) for level in LEVELS),
        ]
        for each in measured
    ]
    titles = ["enrolled/shown", "people (too few pictures)", "rank-1 errors of found", "rank-1 errors, misses counted"]
    return table([*titles, "CMC at 2, 5, 10", "1:1 equal error", "1:1 FNMR at FMR 10, 1, 0.1 %"], rows)


def _setting_parts(evaluation: Evaluation, measured: Measured) -> list[str]:
    target = evaluation.target
    largest = measured.open_set[-1]
    parts = [
        f"### Open set, {_setting_name(measured)}",
        f"At the thresholds in use for a target of {share(target)} (`FALSE_ACCEPT_TARGET`).",
        table(
            [
                "registered",
                "threshold",
                "FPIR",
                "FNIR",
                "of these: another's name",
                "asked for the ID",
                "strangers asked",
            ],
            [_open_row(each) for each in measured.open_set],
        ),
    ]
    if not largest.fpir.can_show(target):
        parts.append(
            f"**Extrapolated:** {largest.fpir.evidence} tries of strangers in a division cannot show {share(target)}; "
            "the thresholds for it rest on how impostor distances fall off, not on counted errors."
        )
    parts += [f"Other thresholds, {measured.people} registered:", _thresholds(evaluation, measured)]
    if measured.check_ins is not None:
        titles = ["FPIR", "FNIR", "taken for two people", "found, but not by each frame alone"]
        check_ins = measured.check_ins
        rates = (check_ins.fpir, check_ins.fnir, check_ins.changed, check_ins.alone)
        parts += [
            f"As a check-in decides, {measured.people} registered: the frames also have to be one person's, and three "
            "of them (all, where there are fewer) each alone nearest to who was found:",
            table(titles, [[with_evidence(rate) for rate in rates]]),
        ]
    if measured.class_first:
        parts += _class_first_parts(measured.class_first, target)
    if measured.halves:
        parts += ["Fitted to one half of the people, in use for the other half:", _halves_table(measured)]
    return parts


def _open_row(each: OpenSet) -> list[str]:
    rates = (each.fpir, each.fnir, each.named_wrong, each.ambiguous, each.strangers_asked)
    return [str(each.people), f"{each.threshold:.3f}", *(with_evidence(rate) for rate in rates)]


def _thresholds(evaluation: Evaluation, measured: Measured) -> str:
    curve = measured.one_to_many
    points = {f"largest with FPIR at most {share(level)} here": curve.at(level) for level in LEVELS}
    library = PUBLISHED.get(evaluation.profile.recogniser)
    if library is not None:
        points["deepface's own for 1:1"] = (library, *curve.within(library)[1:])
    rows = [
        [why, f"{limit:.3f}", share(accepted, 2), share(refused, 2)]
        for why, (limit, accepted, refused) in points.items()
    ]
    return table(["chosen as", "threshold", "FPIR", "FNIR"], rows)


def _margins_table(measured: Iterable[Measured]) -> str:
    rows = [
        [
            _setting_name(each),
            f"{each.margins.limit:.3f}",
            with_evidence(each.margins.mixed_up),
            f"{each.margins.widest:.3f}",
            with_evidence(each.margins.kept_apart),
            with_evidence(each.margins.asked),
        ]
        for each in measured
    ]
    titles = ["enrolled/shown", "loosest limit", "nearest within it is another", "second farther by at most"]
    return table([*titles, "of these: greeted all the same", "right, but asked for the ID"], rows)


def _class_first_parts(rows: Sequence[ClassFirst], target: float) -> list[str]:
    titles = [
        "site",
        "class",
        "thresholds: class, others then, no class",
        "FNIR, own class's kiosk",
        "no class",
        "another class's kiosk",
        "of these: a wrong name",
        "FPIR, a class's kiosk",
        "the same, made-up strangers",
    ]
    return [
        f"The class searched first, for {share(target)} in all. *Made up*: synthetic templates, drawn from the normal "
        "distribution of the real ones, that fill up the site. All who try are real, except the strangers of the last "
        "column:",
        table(titles, map(_class_first_row, rows)),
    ]


def _class_first_row(each: ClassFirst) -> list[str]:
    site = f"{each.people}, of these {each.made_up} made up" if each.made_up else f"{each.people}, all real"
    rates = (each.own_class, each.no_class, each.other_class, each.misnamed, each.strangers, each.made_up_strangers)
    limits = ", ".join(f"{limit:.3f}" for limit in each.thresholds)
    return [site, str(each.size), limits, *(with_evidence(rate) for rate in rates)]


def _halves_table(measured: Measured) -> str:
    rows = [
        [
            share(each.asked),
            f"{each.threshold:.3f} ± {each.scatter:.3f}",
            with_evidence(each.fpir),
            with_evidence(each.fnir),
        ]
        for each in measured.halves
    ]
    return table(["asked", "threshold", "FPIR", "FNIR (of found)"], rows)


def _sites_section(measured: Measured) -> list[str]:
    titles = [
        "people of the site",
        f"threshold for {share(TARGETS[0])}",
        *(f"FPIR, asked {share(each)}" for each in TARGETS),
    ]
    rows = [
        [str(each.people), f"{each.threshold:.3f} ± {each.scatter:.3f}", *(with_evidence(fpir) for fpir in each.fpir)]
        for each in measured.sites
    ]
    return [
        f"### What a site's own faces would set ({_setting_name(measured)})",
        "People drawn at random are a site; the threshold is estimated from them alone, and strangers are counted. In "
        f"use from {LEAST_PEOPLE} people on, and only where it is stricter than the profile's.",
        table(titles, rows),
    ]


def _groups(evaluation: Evaluation) -> str:
    rows = [
        [group.name, str(group.people), with_evidence(group.fta), with_evidence(group.fnir), with_evidence(group.fpir)]
        for group in evaluation.groups
    ]
    return table(["group", "people", "FTA", "FNIR", "FPIR"], rows)


def _setting_name(measured: Measured) -> str:
    return f"{measured.setting.enrolled}/{measured.setting.shown}"


def with_evidence(rate: Rate) -> str:
    """Return a rate with its interval, errors and tries."""
    if not rate.tries:
        return "no tries"
    hit = f", {rate.people_hit} of {rate.people} people" if rate.errors else ""
    return f"{share(rate.rate, 2)} [{100 * rate.low:.2f}, {100 * rate.high:.2f}] ({rate.errors}/{rate.tries}{hit})"


def share(value: float, digits: int | None = None) -> str:
    """Return a share in per cent."""
    number = f"{100 * value:g}" if digits is None else f"{100 * value:.{digits}f}"
    return f"{number} %"


def table(titles: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a Markdown table."""
    lines = [titles, ["---"] * len(titles), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)
