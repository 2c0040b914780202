"""Check what this step claims, and that the steps before still hold."""

from checks import (
    accounts,
    caching,
    contract,
    harness,
    operations,
    ownership,
    paging,
    posts,
    service,
)

if __name__ == "__main__":
    # The contract comes last: it looks at what all others were answered.
    earlier = service, posts, accounts, ownership, paging, caching
    harness.run(*earlier, operations, contract, shown=operations)
