"""V1's error codes, their messages word for word, and the document that carries them."""

from .reply import Reply
from .xmlout import NAMESPACE, Document, entities, special

GENERAL_STATUS = 412
# The code asks for status 450, which Apache does not know and turns into 500.
TAG_STATUS = 500

_FILTER_NEEDED = "Please provide at least task, flow or setup, uploader or run, to filter results. "
_STUDY_FILTER = (
    "Problem with the study filter. The study should exists, be run-based and non-legacy"
)

MESSAGES = {
    100: "Function not valid",
    102: "No authentication (Please provide API key for all requests other than HTTP GET)",
    103: "Authentication failed",
    104: "This is a read-only account, it does not have permission for write operations. ",
    105: "An Elastic Search Exception occured. ",
    106: "The intended action requires admin rights. ",
    107: "Database connection error. Usually due to high server load. "
    "Please wait for N seconds and try again. ",
    110: "Please provide data_id",
    111: "Unknown dataset",
    151: "Unknown task",
    161: "Please provide description xml",
    163: "Problem validating uploaded description file",
    171: "flow already exists",
    180: "Please provide flow_id",
    181: "Unknown flow",
    201: "Please provide run xml",
    202: "Could not validate run xml by xsd",
    204: "Unknown task",
    205: "Unknown flow",
    206: "Invalid file type uploaded",
    207: "File upload failed",
    209: "Error parsing uploaded file. ",
    213: "Parameter in run xml unknown",
    214: "Unable to store input setting",
    216: "Error processing output data: illegal combination of evaluation measure attributes "
    "(repeat, fold, sample)",
    217: "Error processing output data: unknown evaluation measure",
    235: "Please provide run_id",
    236: "Run not found",
    240: "Please provide task_type_id",
    241: "Unknown task type",
    271: "Unknown dataset",
    272: "No features found",
    273: "Dataset not processed yet",
    280: "Please provide setup_id",
    281: "Unknown setup",
    330: "Mandatory fields not present.",
    361: "Unknown dataset",
    362: "No qualities found",
    363: "Dataset not processed yet",
    370: "Illegal filter specified",
    371: "Input not safe",
    372: "No results",
    373: "Can not specify an offset without a limit",
    392: "Run does not exist",
    393: "Run is not owned by you",
    394: "Deleting run failed.",
    412: "Run does not exist",
    413: "Run is not owned by you",
    471: "Please give entity_id {data_id, flow_id, run_id} and tag.",
    472: "Entity not found.",
    473: "Entity already tagged by this tag. ",
    474: "Database problem inserting tag. ",
    475: "Tag not found.",
    476: "Tag is not owned by you",
    477: "Tags are restricted to length 64 alphanumeric and _-. characters",
    480: "Illegal filter specified",
    481: "Filter input not according to constraints",
    482: "No results",
    483: "Can not specify an offset without a limit",
    500: "No results",
    501: "Illegal filter operation",
    502: "Illegal filter value",
    503: "Can not specify an offset without a limit",
    510: _FILTER_NEEDED,
    511: "Input not safe",
    512: "No results",
    513: "Too many results",
    514: "Illegal filter specified",
    515: "Can not specify offset without limit",
    516: "Requested result limit too high. ",
    517: _STUDY_FILTER,
    540: _FILTER_NEEDED,
    541: "Input not safe",
    542: "No results",
    543: "Too many results",
    544: "Illegal filter specified",
    545: "Can not specify offset without limit",
    546: "Requested result limit too high. ",
    547: 'Per fold can only be set to value "true" or "false". ',
    548: "Per fold queries are experimental and require a fair amount of filters on resulting run "
    "records to keep the query fast (use, e.g., flow, setup, task and uploader filter)",
    549: 'If set, sort should be set to either "asc" or "desc"',
    555: _STUDY_FILTER,
    571: "Run not found.",
    572: "No successful trace associated with this run.",
    581: "Problem with uploading the description file. ",
    582: "Could not validate run xml by xsd. ",
    584: "Unknown flow. ",
    586: "Parameter in run xml unknown. ",
    596: "Illegal filter. ",
    597: "Illegal filter input. ",
    598: "Can only set an offset if limit is also specified. ",
    599: "No studies according to the specified criteria. ",
    601: "Study does not exist. ",
    670: "Please specify at least one filter. ",
    671: "Illegal filter. ",
    672: "Illegal filter input. ",
    673: "Result set too big. Please use one of the filters or the limit option. ",
    674: "No results, please check the filter. ",
    675: "Can not specify offset without limit",
    676: "Requested result limit too high. ",
    731: "Unknown estimation procedure",
}


class ApiError(Exception):
    """A call that ends with one of V1's codes."""

    def __init__(self, code: int, additional: str = "", status: int = GENERAL_STATUS) -> None:
        super().__init__(code, additional)
        self.code = code
        self.additional = additional
        self.status = status

    def reply(self, form: str) -> Reply:
        """The error as an answer; form: 'xml' or 'json'."""
        return error_reply(self.code, form, self.additional, self.status)


def error_reply(
    code: int, form: str = "xml", additional: str = "", status: int = GENERAL_STATUS
) -> Reply:
    """V1's error document.

    The texts are escaped twice, by htmlentities and again by the template, as V1 does.
    """
    lines = [
        f"<oml:error {NAMESPACE}>\n",
        f"\t<oml:code>{code}</oml:code>\n",
        f"\t<oml:message>{special(entities(MESSAGES[code]))}</oml:message>\n\t",
    ]
    if additional:
        text = special(entities(additional))
        lines.append(f"\t<oml:additional_information>{text}</oml:additional_information>\n\t")
    lines.append("</oml:error>\n")
    return Document("".join(lines), status).written(form)
