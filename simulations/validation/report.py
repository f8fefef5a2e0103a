"""The page of text that sums up a validation record."""

from collections.abc import Iterable
from typing import Any

from simulations.estimates import Estimate
from simulations.records import Record

__all__ = ["failures", "report"]

Row = dict[str, Any]


def failures(record: Record) -> list[Row]:
    """Return the rows of checks that failed."""
    return [row for row in record.rows if not row["passed"]]


def report(record: Record) -> str:
    """Return one line for each check of each setting, then what failed, then the verdict."""
    lines = [
        f"{record.experiment}: {len(record.rows)} findings, "
        f"profile {record.config['profile']}, seed {record.config['seed']}",
        "",
    ]
    for setting, check in _groups(record.rows):
        rows = [r for r in record.rows if (r["setting"], r["check"]) == (setting, check)]
        passed = sum(row["passed"] for row in rows)
        verdict = "ok" if passed == len(rows) else "FAILED"
        lines.append(f"  {setting:<20} {check:<14} {passed:>3} of {len(rows):<3} {verdict}")
    failed = failures(record)
    if failed:
        lines += ["", *(f"  FAILED  {_describe(row)}" for row in failed)]
    verdict = f"{len(failed)} FAILED" if failed else "all passed"
    return "\n".join([*lines, "", f"{len(record.rows)} findings, {verdict}"])


def _groups(rows: Iterable[Row]) -> list[tuple[str, str]]:
    """Return the pairs of setting and check in the order of their first rows."""
    return list(dict.fromkeys((row["setting"], row["check"]) for row in rows))


def _describe(row: Row) -> str:
    """Return a finding in words."""
    where = f"{row['setting']}, {row['check']}, {row['subject']}"
    if row["kind"] == "rate":
        return f"{where}: slope {row['slope']:.2f}, expected {row['expected']:.2f}"
    if row["kind"] == "interval":
        limits = f"[{row['lower']:.3g}, {row['upper']:.3g}]"
        return f"{where}: {row['quantity']} {limits}, expected {row['expected']:.3g}"
    if row.get("planted"):
        where += ", planted error not found"
    if row["kind"] == "match":
        estimate = Estimate(row["successes"], row["trials"])
        return f"{where}: {row['quantity']} {estimate}, expected {row['expected']:.6f}"
    spatial = Estimate(row["spatial_successes"], row["spatial_trials"])
    adversarial = Estimate(row["adversarial_successes"], row["adversarial_trials"])
    return f"{where}: S {spatial} with A {adversarial} ({row['side']}), limit {row['limit']:.6f}"
