"""What schemathesis can't know of the API."""

from uuid import uuid4

from schemathesis import Case, HookContext, Response, hook
from schemathesis.core.failures import Failure
from schemathesis.openapi.checks import RejectedPositiveData

STREAM_SECONDS = 3
WAIT_SECONDS = 1
LONGEST_WAIT = 60  # that the API takes


@hook
def filter_failure(context: HookContext, failure: Failure, case: Case, response: Response) -> bool:
    """Whether it counts. That a key came before with another body is about an earlier request, so no schema can say it."""
    return not (isinstance(failure, RejectedPositiveData) and code_of(response) == "idempotency_key_reused")


@hook
def before_call(context: HookContext, case: Case, kwargs: dict) -> None:
    name_anew(case)
    cut_short(case, kwargs)


def name_anew(case: Case) -> None:
    """A submit that is valid names its task by one name that no other has: else nearly all would be 409."""
    if isinstance(case.body, dict) and "correlation_id" in case.body and case.meta.generation.mode.is_positive:
        case.body["correlation_id"] = str(uuid4())
        case.headers.pop("idempotency-key", None)


def cut_short(case: Case, kwargs: dict) -> None:
    """A stream goes on until its task ends, and a read may wait for news."""
    if case.path.endswith("/events"):
        kwargs["timeout"] = STREAM_SECONDS
    query = case.query or {}
    if str(query.get("wait")) in {str(seconds) for seconds in range(1, LONGEST_WAIT + 1)}:
        query["wait"] = WAIT_SECONDS


def code_of(response: Response) -> object:
    body = response.json() if response.content.startswith(b"{") else {}
    return body.get("code")
