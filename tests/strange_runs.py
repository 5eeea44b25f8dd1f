"""Runs that strain a report: one of hostile names, one of many findings."""

import msgspec

from scanner.findings import (
    Capability,
    Confidence,
    Coverage,
    NotTested,
    Pointer,
    Result,
    Run,
    Status,
    Table,
)
from tests.example_runs import POLICY, QUOTE, control, finding, lines, make_run

HOSTILE_NAMES = (
    "a<script>alert(1)</script>.py",
    "b\x1b[31mred\x1b[0m\x07.py",
    "c\nnewline\r\n| x | y |.py",
    "d|pipe|`tick`*star*_under_[link](http://evil.example/)![i](x).py",
    "e\udce9\udc80.py",
    '=HYPERLINK("http://evil.example","x").py',
    "@everyone #1 www.evil.example https://evil.example.py",
    "f\"'>&lt;img src=x onerror=alert(1)>.py",
    "g\u202eyp.exe\u200b.py",
    "-h --><!-- ]]> .py",
    "i/../../etc/pass wd%00?query#fragment:colon.py",
    "j-\u00e9\u4eba\U0001f600.py",
    "k{{7*7}}{0}${x}\\.py",
    "C:\\l\\x.py",
    "//m.example/x.py",
    "n\x00\x01\x08\x0b\x7f\x85\ufffe\uffff.py",
)


def hostile_run() -> Run:
    """Every text that comes from an input holds each of the hostile names in turn."""
    findings = [
        finding(
            name,
            lines(1),
            Pointer(pointer=f"/{name}", start_line=None),
            Table(table=name, column=name),
            message=f"A library is used: {name}",
            subject=name,
            excerpt=name,
            note=name,
            status=(Status.NEW, Status.WAIVED, Status.BASELINE)[i % 3],
            waiver=name if i % 3 == 1 else "",
        )
        for i, name in enumerate(HOSTILE_NAMES)
    ]
    controls = [
        control(f"c{i}", name, list(Result)[i % 4], findings, quote=name, verified="verbatim", reason=name)
        for i, name in enumerate(HOSTILE_NAMES)
    ]
    return make_run(
        findings,
        controls,
        not_tested=[NotTested(path=name, reason=name) for name in HOSTILE_NAMES],
        notices=HOSTILE_NAMES,
        coverage=Coverage(
            seen=100,
            inspected=50,
            skipped=34,
            failed=16,
            kinds={HOSTILE_NAMES[0]: 50},
            skipped_reasons=dict.fromkeys(HOSTILE_NAMES, 2),
        ),
        policy=msgspec.structs.replace(POLICY, title='P"; } body { background: url(//evil) } </style>'),
    )


def large_run(number: int = 20_000) -> Run:
    """Many findings over many files, with texts as long as real ones."""
    capabilities = list(Capability)
    findings = [
        finding(
            f"services/camera-{i % 97:02}/src/pipeline/module_{i // 7:05}.py",
            *(lines(1 + i % 400 + 9 * k) for k in range(1 + i % 4)),
            rule=f"rule-number-{i % 60:02}",
            capability=capabilities[i % len(capabilities)],
            confidence=list(Confidence)[i % 3],
            message=f"A face recognition library is used: vendor_sdk.recognise.search_{i:05}",
            subject=f"vendor_sdk.recognise.search_{i:05}",
            excerpt=f"result = client.search_{i:05}(collection_id=COLLECTION, image=frame, n={i % 100:02})",
            note="an object that a known constructor made" if i % 5 == 0 else "",
        )
        for i in range(number)
    ]
    controls = [
        control(
            c.value,
            f"No {c.value}",
            Result.NOT_SATISFIED,
            [f for f in findings if f.capability is c],
            quote=QUOTE,
            verified="verbatim",
        )
        for c in capabilities
    ]
    return make_run(findings, controls)
