"""One page of each type, by what it is."""

from __future__ import annotations

from types import MappingProxyType

PAGE_TYPES = MappingProxyType(
    {
        "home": "/",
        "topic": "/security/cors/",
        "case": "/career/case-news-feed/",
        "area": "/databases/",
        "topics": "/topics/",
        "map": "/topics/map/",
        "questions": "/questions/",
        "glossary": "/glossary/",
        "code": "/code/",
        "review": "/practice/review/",
        "interview": "/practice/interview/",
        "placement": "/practice/placement/",
        "progress": "/practice/progress/",
        "offline": "/practice/offline/",
        "plans": "/plans/",
        "plan": "/plans/one-week/",
        "dated plan": "/plans/dated/",
        "project": "/practice/mini-blog/1-service/",
        "cheat sheet": "/sheets/isolation-levels/",
        "exports": "/practice/exports/",
        "sheet to print": "/exports/databases-sheet/",
        "diagrams": "/diagrams/http/",
        "source": "/sources/easy-questions/",
        "errata": "/about/errata/easy-questions/",
        "about": "/about/",
        "rule": "/about/rules/fence-header/",
        "not found": "/404.html",
        "not on this device": "/503.html",
    }
)
