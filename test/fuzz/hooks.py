"""What schemathesis can't know of the API."""

from schemathesis import Case, HookContext, Response, hook
from schemathesis.core.failures import Failure
from schemathesis.openapi.checks import RejectedPositiveData

MOST_SECONDS = 1


@hook
def filter_failure(context: HookContext, failure: Failure, case: Case, response: Response) -> bool:
    """Whether it counts. That a key came before with another body is about an earlier request, so no schema can say it."""
    return not (isinstance(failure, RejectedPositiveData) and code_of(response) == "idempotency_key_reused")


@hook
def before_call(context: HookContext, case: Case, kwargs: dict) -> None:
    """Waits for news are cut short: a stream ends when its task does, and a read waits as long as it says."""
    if case.path.endswith("/events"):
        kwargs["timeout"] = MOST_SECONDS
    query = case.query or {}
    if str(query.get("wait")).isdecimal() and int(query["wait"]) in range(MOST_SECONDS, 61):
        query["wait"] = MOST_SECONDS


def code_of(response: Response) -> object:
    body = response.json() if response.content.startswith(b"{") else {}
    return body.get("code")
