"""Generate events for the tests of signing."""

import orjson


def generate_event(*, recipient: str = "Asha Vaidyanath", user: str = "u-asha", **edata: object) -> bytes:
    """A generate-certificate event for one recipient; further members replace those of ``edata``."""
    event = {
        "eid": "BE_JOB_REQUEST",
        "ets": 1_775_017_800_123,
        "mid": "LMS.1",
        "edata": {
            "templateId": "tpl",
            "svgTemplate": "plain.svg",
            "courseName": "Reading Foundations",
            "issuedDate": "2026-03-31",
            "data": [{"recipientName": recipient, "recipientId": user}],
            "name": "Certificate of Completion",
            "tag": "batch-1",
            "issuer": {"name": "Aranya Teachers’ Academy", "url": "https://aranya.example.org"},
            "signatoryList": [
                {"name": "Meera Vaidyanath", "id": "SIG-1", "designation": "Director", "image": "meera.svg"}
            ],
            "criteria": {"narrative": "Certificate of Completion"},
            "related": {"courseId": "do_1", "batchId": "batch-1", "type": "completion"},
            **edata,
        },
    }
    return orjson.dumps(event)
