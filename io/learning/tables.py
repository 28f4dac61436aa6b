"""The learning platform's tables with the columns of production (``docs/contracts.md``, "Tables")."""

from collections.abc import Mapping
from dataclasses import dataclass

from certbeam.io.clients.sqlite import ColumnType


@dataclass(frozen=True, slots=True)
class Table:
    """A table: its name, the types of its columns by name, and the columns of its primary key."""

    name: str
    columns: Mapping[str, ColumnType]
    key: tuple[str, ...]


def _columns(kind: ColumnType, names: str) -> dict[str, ColumnType]:
    return dict.fromkeys(names.split(), kind)


COURSE_BATCH = Table(
    "course_batch",
    {
        **_columns("text", "courseid batchid createdby createddate description enddate enrollmentenddate"),
        **_columns("text", "enrollmenttype name startdate updateddate"),
        **_columns("json", "createdfor mentors cert_templates"),
        **_columns("int", "status"),
        **_columns("boolean", "tandc"),
        **_columns("timestamp", "created_date start_date end_date enrollment_enddate updated_date"),
    },
    ("courseid", "batchid"),
)

USER_ENROLMENTS = Table(
    "user_enrolments",
    {
        **_columns("text", "userid courseid batchid addedby enrolleddate lastreadcontentid"),
        **_columns("boolean", "active"),
        **_columns("json", "certificates contentstatus issued_certificates"),
        **_columns("timestamp", "completedon datetime enrolled_date lastcontentaccesstime"),
        **_columns("int", "completionpercentage lastreadcontentstatus progress status certstatus"),
    },
    ("userid", "courseid", "batchid"),
)

USER_ACTIVITY_AGG = Table(
    "user_activity_agg",
    {
        **_columns("text", "activity_type activity_id user_id context_id"),
        **_columns("json", "agg agg_last_updated aggregates agg_details"),
    },
    ("activity_type", "activity_id", "user_id", "context_id"),
)

# In production, users and courses come from APIs. These tables have records in the form of the APIs.
USERS = Table("users", {**_columns("text", "id"), **_columns("json", "record")}, ("id",))
COURSES = Table("courses", {**_columns("text", "identifier"), **_columns("json", "record")}, ("identifier",))

ALL = (COURSE_BATCH, USER_ENROLMENTS, USER_ACTIVITY_AGG, USERS, COURSES)
