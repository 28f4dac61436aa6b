"""The codes of all errors, with their meaning, who fixes the cause, and how."""

from enum import Enum
from typing import NamedTuple

from certbeam.foundation.string_enum import StringEnum


class FixedBy(Enum):
    """Role that fixes the cause of an error."""

    EVENT_PRODUCER = "event producer"
    TEMPLATE_AUTHOR = "template author"
    PLATFORM_OPERATOR = "platform operator"
    CERTBEAM_OPERATOR = "certbeam's operator"
    CERTBEAM_DEVELOPERS = "certbeam's developers"


class Description(NamedTuple):
    """Description of an error code for the people who see it.

    Attributes:
        meaning: what is wrong, in one sentence.
        fixed_by: who fixes the cause.
        remedy: what that person does, in one sentence.
        is_retriable: True if a replay may succeed although nobody has changed anything.
    """

    meaning: str
    fixed_by: FixedBy
    remedy: str
    is_retriable: bool = False


class ErrorCode(StringEnum):
    """Code of an error.

    The values are persisted in dead letters and counters: add members, and never change or reuse a value.
    ``docs/errors.md`` is made from the descriptions by ``python -m certbeam.tools.error_reference``.
    """

    description: Description

    def __new__(cls, value: str, description: Description | None = None) -> "ErrorCode":
        """Create a member.

        Args:
            value: the code, in kebab case.
            description: required. It is optional to type checkers, so that they accept ``ErrorCode("not-json")``.
        """
        if description is None:
            raise TypeError(f"the error code {value!r} has no description: add one")
        member = str.__new__(cls, value)
        member._value_ = value
        member.description = description
        return member

    # Events
    NOT_JSON = (
        "not-json",
        Description(
            "The message is not JSON, or its values are nested more than 200 levels deep.",
            FixedBy.EVENT_PRODUCER,
            "Write each event as one JSON object in UTF-8.",
        ),
    )
    NOT_AN_OBJECT = (
        "not-an-object",
        Description(
            "The message is JSON, but not an object.",
            FixedBy.EVENT_PRODUCER,
            "Write each event as one JSON object.",
        ),
    )
    OTHER_ACTION = (
        "other-action",
        Description(
            "The member edata.action is missing, or names another action than issue-certificate.",
            FixedBy.EVENT_PRODUCER,
            "Write only issue events to this topic.",
        ),
    )
    NO_BATCH = (
        "no-batch",
        Description("The issue event has no batch id.", FixedBy.EVENT_PRODUCER, "Set edata.batchId."),
    )
    NO_COURSE = (
        "no-course",
        Description("The issue event has no course id.", FixedBy.EVENT_PRODUCER, "Set edata.courseId."),
    )
    NO_USER = (
        "no-user",
        Description(
            "The issue event has no user id.",
            FixedBy.EVENT_PRODUCER,
            "Add at least one user id to edata.userIds.",
        ),
    )
    NO_MID = (
        "no-mid",
        Description(
            "The event requests a re-issue and has no mid.",
            FixedBy.EVENT_PRODUCER,
            "Set mid, which distinguishes a new request from a replay.",
        ),
    )
    NO_DATE = (
        "no-date",
        Description(
            "There is no date that the issue date can be derived from, or it is out of range.",
            FixedBy.EVENT_PRODUCER,
            "Set ets in the event, or edata.issuedDate in a generate event.",
        ),
    )
    USER_INVALID = (
        "user-invalid",
        Description(
            "An entry of edata.userIds is not a user id.",
            FixedBy.EVENT_PRODUCER,
            "Write user ids as strings or integers.",
        ),
    )
    FIELD_MISSING = (
        "field-missing",
        Description(
            "A required member of the event is missing or blank.",
            FixedBy.EVENT_PRODUCER,
            "Set the member that the message names.",
        ),
    )
    FIELD_INVALID = (
        "field-invalid",
        Description(
            "A member of the event has a value that cannot be used.",
            FixedBy.EVENT_PRODUCER,
            "Correct the member that the message names.",
        ),
    )
    ID_TOO_LONG = (
        "id-too-long",
        Description(
            "An id in the event has more than 1,024 characters.", FixedBy.EVENT_PRODUCER, "Use shorter ids."
        ),
    )
    TAG_UNSAFE = (
        "tag-unsafe",
        Description(
            "The member edata.tag cannot be the name of a folder in the storage.",
            FixedBy.EVENT_PRODUCER,
            "Use a tag of letters, digits, '_' and '-' that is not reserved.",
        ),
    )

    # Batches, enrolments and learners
    BATCH_MISSING = (
        "batch-missing",
        Description(
            "The batch does not exist.",
            FixedBy.PLATFORM_OPERATOR,
            "Create the batch, or correct the ids in the event; then replay.",
        ),
    )
    CRITERIA_INVALID = (
        "criteria-invalid",
        Description(
            "The criteria of the batch's template are empty or cannot be evaluated.",
            FixedBy.PLATFORM_OPERATOR,
            "Correct the template's criteria in the batch, then replay.",
        ),
    )
    TEMPLATE_FIELD = (
        "template-field",
        Description(
            "A member of the batch's template is not the JSON that it should be, or names an unknown column.",
            FixedBy.PLATFORM_OPERATOR,
            "Correct the member in the batch, then replay.",
        ),
    )
    ENROLMENT_MISSING = (
        "enrolment-missing",
        Description(
            "The enrolment that the certificate is recorded on does not exist.",
            FixedBy.PLATFORM_OPERATOR,
            "Enrol the learner in the batch, then replay.",
        ),
    )
    ENROLMENT_CONTENDED = (
        "enrolment-contended",
        Description(
            "The enrolment was changed by others at each attempt to record the certificate.",
            FixedBy.CERTBEAM_OPERATOR,
            "Replay the dead letter.",
            is_retriable=True,
        ),
    )
    USER_MISSING = (
        "user-missing",
        Description(
            "The user API does not know the user.",
            FixedBy.PLATFORM_OPERATOR,
            "Create the user, or correct the id in the event; then replay.",
        ),
    )
    NAME_BLANK = (
        "name-blank",
        Description(
            "The user has neither a first nor a last name.",
            FixedBy.PLATFORM_OPERATOR,
            "Complete the user's record, then replay.",
        ),
    )
    COURSE_MISSING = (
        "course-missing",
        Description(
            "The content API does not know the course.",
            FixedBy.PLATFORM_OPERATOR,
            "Publish the course, then replay.",
        ),
    )
    CONTENT_MISSING = (
        "content-missing",
        Description(
            "The content API does not know an assessed content, so that its score cannot be evaluated.",
            FixedBy.PLATFORM_OPERATOR,
            "Publish the content, then replay.",
        ),
    )

    # Templates as files
    TEMPLATE_MISSING = (
        "template-missing",
        Description(
            "The template or image does not exist, or the batch does not have this template.",
            FixedBy.TEMPLATE_AUTHOR,
            "Upload the file, or correct the URL in the batch; then replay.",
        ),
    )
    TEMPLATE_REFUSED = (
        "template-refused",
        Description(
            "The URL of the template or image is not allowed, or the store refuses access.",
            FixedBy.CERTBEAM_OPERATOR,
            "Add the URL to --template_allow or its network to --template_networks, or grant access; then replay.",
        ),
    )
    TEMPLATE_UNAVAILABLE = (
        "template-unavailable",
        Description(
            "The server of the template or image did not answer after all retries.",
            FixedBy.CERTBEAM_OPERATOR,
            "Wait until the server answers, then replay.",
            is_retriable=True,
        ),
    )
    TEMPLATE_TOO_LARGE = (
        "template-too-large",
        Description(
            "The template or image is larger than the limit.",
            FixedBy.TEMPLATE_AUTHOR,
            "Make the file smaller, for example by smaller embedded images.",
        ),
    )
    TEMPLATE_NOT_SVG = (
        "template-not-svg",
        Description(
            "The template is not an SVG document.",
            FixedBy.TEMPLATE_AUTHOR,
            "Upload an SVG document, or correct the URL in the batch.",
        ),
    )
    TEMPLATE_MALFORMED = (
        "template-malformed",
        Description(
            "The template is not well-formed XML.",
            FixedBy.TEMPLATE_AUTHOR,
            "Correct the line that the message names, or save the template again.",
        ),
    )
    TEMPLATE_ENTITIES = (
        "template-entities",
        Description(
            "The template declares an entity that is external, nested or too long.",
            FixedBy.TEMPLATE_AUTHOR,
            "Replace the entity by its content.",
        ),
    )
    TEMPLATE_TOO_DEEP = (
        "template-too-deep",
        Description(
            "The template has too many elements, or nests them too deeply.",
            FixedBy.TEMPLATE_AUTHOR,
            "Simplify the template.",
        ),
    )
    TEMPLATE_TOO_COMPLEX = (
        "template-too-complex",
        Description(
            "The template renders too many elements once its references are resolved.",
            FixedBy.TEMPLATE_AUTHOR,
            "Simplify the template.",
        ),
    )
    TEMPLATE_CIRCULAR = (
        "template-circular",
        Description(
            "An element of the template contains a reference to itself.",
            FixedBy.TEMPLATE_AUTHOR,
            "Remove the reference.",
        ),
    )
    TEMPLATE_SIZE = (
        "template-size",
        Description(
            "The template has no usable size.",
            FixedBy.TEMPLATE_AUTHOR,
            "Add a viewBox, or a width and a height.",
        ),
    )
    TEMPLATE_TEXT = (
        "template-text",
        Description(
            "A text of the template cannot be set as outlines.",
            FixedBy.TEMPLATE_AUTHOR,
            "Change what the message names, or convert the text to paths.",
        ),
    )
    TEMPLATE_UNDRAWABLE = (
        "template-undrawable",
        Description(
            "The template cannot be rendered.",
            FixedBy.TEMPLATE_AUTHOR,
            "Check the template with certbeam lint, and remove what the message names.",
        ),
    )
    IMAGE_TYPE = (
        "image-type",
        Description(
            "The image is not a data: URI of a supported type.",
            FixedBy.TEMPLATE_AUTHOR,
            "Embed the image as PNG, JPEG, GIF, WebP, AVIF or SVG.",
        ),
    )
    IMAGE_UNKNOWN = (
        "image-unknown",
        Description(
            "The file is not an image of a supported type.",
            FixedBy.TEMPLATE_AUTHOR,
            "Save the image as PNG, JPEG, GIF, WebP or SVG.",
        ),
    )
    IMAGE_TOO_LARGE = (
        "image-too-large",
        Description(
            "The image has too many bytes or pixels.", FixedBy.TEMPLATE_AUTHOR, "Scale the image down."
        ),
    )
    IMAGE_BROKEN = (
        "image-broken",
        Description("The image cannot be decoded.", FixedBy.TEMPLATE_AUTHOR, "Save the image again as PNG."),
    )

    # Variables and values of templates
    TEMPLATE_TOKEN = (
        "template-token",
        Description(
            "The template contains a malformed variable reference.",
            FixedBy.TEMPLATE_AUTHOR,
            "Write variable references as ${name}.",
        ),
    )
    TEMPLATE_IMAGE = (
        "template-image",
        Description(
            "The URL of an image in the template contains a variable together with other text.",
            FixedBy.TEMPLATE_AUTHOR,
            "Make the whole URL one variable, or remove the variable.",
        ),
    )
    TEMPLATE_QR_SIZE = (
        "template-qr-size",
        Description(
            "The image of the QR code has no width or no height.",
            FixedBy.TEMPLATE_AUTHOR,
            "Add both to its <image>.",
        ),
    )
    TEMPLATE_DATE_FORMAT = (
        "template-date-format",
        Description(
            "The date pattern of a variable has an unknown field.",
            FixedBy.TEMPLATE_AUTHOR,
            "Correct the pattern, see docs/templates.md.",
        ),
    )
    MISSING_VARIABLE = (
        "missing-variable",
        Description(
            "A variable of the template has neither a value nor a default.",
            FixedBy.TEMPLATE_AUTHOR,
            "Add a default, or let the platform send the value.",
        ),
    )
    VALUE_NOT_A_DATE = (
        "value-not-a-date",
        Description(
            "The value of a date variable is not an ISO 8601 date.",
            FixedBy.EVENT_PRODUCER,
            "Write the date as yyyy-MM-dd.",
        ),
    )
    VALUE_UNPRINTABLE = (
        "value-unprintable",
        Description(
            "A value has control characters, too many combining marks, or no visible characters.",
            FixedBy.PLATFORM_OPERATOR,
            "Correct the value in the record that it comes from, then replay.",
        ),
    )
    VALUE_UNSAFE = (
        "value-unsafe",
        Description(
            "A value cannot be used where the template uses it, such as in a link or in CSS.",
            FixedBy.PLATFORM_OPERATOR,
            "Correct the value, or use the variable elsewhere in the template; then replay.",
        ),
    )
    VALUE_TOO_LONG = (
        "value-too-long",
        Description(
            "A value does not fit into its space, even in the smallest font size.",
            FixedBy.TEMPLATE_AUTHOR,
            "Give the text more room, or shorten the value.",
        ),
    )
    NO_FONT = (
        "no-font",
        Description(
            "No font has a glyph for a character of a value.",
            FixedBy.CERTBEAM_OPERATOR,
            "Install a font for the script on all workers, then replay.",
        ),
    )

    # Signing and status lists
    CREDENTIAL_UNSIGNABLE = (
        "credential-unsignable",
        Description(
            "A member of the credential would not be covered by the proof.",
            FixedBy.CERTBEAM_DEVELOPERS,
            "Report the error with the event's members that the message names.",
        ),
    )
    KEY_SET_INVALID = (
        "key-set-invalid",
        Description(
            "The key set cannot be used.",
            FixedBy.CERTBEAM_OPERATOR,
            "Give a key set as made by certbeam keys new.",
        ),
    )
    SIGNING_REFUSED = (
        "signing-refused",
        Description(
            "The signing service refuses to sign, or does not return a signature.",
            FixedBy.CERTBEAM_OPERATOR,
            "Check the service and the key ids in the events; then replay.",
        ),
    )
    SIGNING_UNAVAILABLE = (
        "signing-unavailable",
        Description(
            "The signing service did not answer after all retries.",
            FixedBy.CERTBEAM_OPERATOR,
            "Wait until the service answers, then replay.",
            is_retriable=True,
        ),
    )
    STATUS_LISTS_FULL = (
        "status-lists-full",
        Description(
            "All status list indexes that the certificate may use belong to other certificates.",
            FixedBy.CERTBEAM_DEVELOPERS,
            "Report the error with the certificate's id.",
        ),
    )

    # Services and stores
    DATABASE_UNAVAILABLE = (
        "database-unavailable",
        Description(
            "The database did not answer after all retries.",
            FixedBy.CERTBEAM_OPERATOR,
            "Wait until the database answers, then replay.",
            is_retriable=True,
        ),
    )
    KAFKA_UNAVAILABLE = (
        "kafka-unavailable",
        Description(
            "Kafka did not answer or refused a request.",
            FixedBy.CERTBEAM_OPERATOR,
            "Check the brokers and the options of the address; then run the command again.",
            is_retriable=True,
        ),
    )
    STORAGE_MISSING = (
        "storage-missing",
        Description(
            "The file is not in the storage.", FixedBy.CERTBEAM_OPERATOR, "Check the address of the storage."
        ),
    )
    STORAGE_REFUSED = (
        "storage-refused",
        Description(
            "The storage refuses access.",
            FixedBy.CERTBEAM_OPERATOR,
            "Check the address of the storage and the permissions; then replay.",
        ),
    )
    STORAGE_UNAVAILABLE = (
        "storage-unavailable",
        Description(
            "The storage did not answer after all retries.",
            FixedBy.CERTBEAM_OPERATOR,
            "Wait until the storage answers, then replay.",
            is_retriable=True,
        ),
    )
    REGISTRY_REFUSED = (
        "registry-refused",
        Description(
            "The registry refuses a request.",
            FixedBy.CERTBEAM_OPERATOR,
            "Check the address of the registry and the message's status; then replay.",
        ),
    )
    REGISTRY_UNAVAILABLE = (
        "registry-unavailable",
        Description(
            "The registry did not answer after all retries.",
            FixedBy.CERTBEAM_OPERATOR,
            "Wait until the registry answers, then replay.",
            is_retriable=True,
        ),
    )
    REGISTRY_PENDING = (
        "registry-pending",
        Description(
            "The registry has not created the certificate's entity in time.",
            FixedBy.CERTBEAM_OPERATOR,
            "Replay the dead letter.",
            is_retriable=True,
        ),
    )
    USERS_REFUSED = (
        "users-refused",
        Description(
            "The user API refuses a request.",
            FixedBy.CERTBEAM_OPERATOR,
            "Check the address of the API and its token; then replay.",
        ),
    )
    USERS_UNAVAILABLE = (
        "users-unavailable",
        Description(
            "The user API did not answer after all retries.",
            FixedBy.CERTBEAM_OPERATOR,
            "Wait until the API answers, then replay.",
            is_retriable=True,
        ),
    )
    CONTENT_REFUSED = (
        "content-refused",
        Description(
            "The content API refuses a request.",
            FixedBy.CERTBEAM_OPERATOR,
            "Check the address of the API and its token; then replay.",
        ),
    )
    CONTENT_UNAVAILABLE = (
        "content-unavailable",
        Description(
            "The content API did not answer after all retries.",
            FixedBy.CERTBEAM_OPERATOR,
            "Wait until the API answers, then replay.",
            is_retriable=True,
        ),
    )
    NOTICES_REFUSED = (
        "notices-refused",
        Description(
            "The API of notices refuses a request.",
            FixedBy.CERTBEAM_OPERATOR,
            "Check the address of the API and its token. The certificate is issued.",
        ),
    )
    NOTICES_UNAVAILABLE = (
        "notices-unavailable",
        Description(
            "The API of notices did not answer after all retries.",
            FixedBy.CERTBEAM_OPERATOR,
            "Check the API. The certificate is issued.",
            is_retriable=True,
        ),
    )

    # Messages and replays
    EVENT_TOO_LARGE = (
        "event-too-large",
        Description(
            "A generate event is larger than --max_message_bytes.",
            FixedBy.TEMPLATE_AUTHOR,
            "Shorten the template's members in the batch, or raise the limits of the flag and of the topic.",
        ),
    )
    MESSAGE_TOO_LARGE = (
        "message-too-large",
        Description(
            "A replayed message is larger than --max_message_bytes.",
            FixedBy.CERTBEAM_OPERATOR,
            "Write it to a file, or raise the limits of the flag and of the topic.",
        ),
    )
    NOTICE_TOO_LARGE = (
        "notice-too-large",
        Description(
            "A notice is larger than --max_message_bytes.",
            FixedBy.CERTBEAM_OPERATOR,
            "Raise the limits of the flag and of the topic. The certificate is issued.",
        ),
    )
    NOT_A_DEAD_LETTER = (
        "not-a-dead-letter",
        Description(
            "A line of the replay's input is not a dead letter.",
            FixedBy.CERTBEAM_OPERATOR,
            "Give the files or the topic that dead letters were written to.",
        ),
    )
    LARGE_MESSAGE_MISSING = (
        "large-message-missing",
        Description(
            "A stored part of a dead letter cannot be read.",
            FixedBy.CERTBEAM_OPERATOR,
            "Give the --large_messages of the run that wrote the dead letter.",
        ),
    )
    LARGE_MESSAGE_DAMAGED = (
        "large-message-damaged",
        Description(
            "The content of a stored part does not have the digest in its name.",
            FixedBy.CERTBEAM_OPERATOR,
            "Restore the object from a backup, or copy the event from the topic in failInfo.source.",
        ),
    )

    # Commands
    PARAMETERS = (
        "parameters",
        Description(
            "The parameters of certbeam launch cannot be read.",
            FixedBy.CERTBEAM_OPERATOR,
            "Write each as name=value, or in a YAML or JSON file of names and values.",
        ),
    )
    TEMPLATE_SPEC = (
        "template-spec",
        Description(
            "The file is not the specification of a flex template of certbeam.",
            FixedBy.CERTBEAM_OPERATOR,
            "Give a file that certbeam writes.",
        ),
    )

    # Errors of certbeam
    UNEXPECTED = (
        "unexpected",
        Description(
            "An exception that certbeam does not expect.",
            FixedBy.CERTBEAM_DEVELOPERS,
            "Report the place in the code that the message names; replay once it is fixed.",
        ),
    )
