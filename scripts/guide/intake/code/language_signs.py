"""What the lines of code in each language look like: a table of signs, each with its weight.

A sign is a regular expression, read with `^` and `$` at the ends of lines. Its weight says how far
it settles the question: 3 is seen in hardly any other language, 2 is typical, 1 is shared with a
few, and a negative one speaks against the language. Repetition counts up to three times. To add a
sign, add a line; keep to expressions whose time grows with the length of the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cache

LONGEST = 1000
"""Characters that are looked at: the rest of a longer text looks like its beginning."""
_MOST_REPEATS = 3

SIGNS: Mapping[str, tuple[tuple[str, float], ...]] = {
    "python": (
        (r"^\s*(?:async\s+)?def\s+\w+\s*\([^\n]*\)?\s*(?:->[^\n]+)?:\s*(?:#[^\n]*)?$", 3),
        (r"^\s*(?:async\s+)?def\s+\w+\(", 1),
        (r"^\s*class\s+\w+(?:\([^)\n]*\))?:\s*$", 3),
        (r"^\s*from\s+[\w.]+\s+import\s", 3),
        (r"^\s*import\s+[a-z_][\w.]*(?:\s+as\s+\w+)?(?:,\s*\w+)*\s*$", 2),
        (r"^\s*(?:if|elif|while|for)\s[^\n{;]+[^\s{;,]:\s*(?:#[^\n]*)?$", 2),
        (r"^\s*for\s+[\w,\s()]+\sin\s[^\n{]+:\s*(?:#[^\n]*)?$", 2),
        (r"^\s*(?:else|try|finally|except\b[^\n{]*):\s*(?:#[^\n]*)?$", 2),
        (r"^\s*(?:async\s+)?with\s[^\n]+:\s*$", 3),
        (r"^\s*match\s[^\n]+:\s*$|^\s*case\s[^\n:]+:\s*$", 1),
        (r"\bself\.\w+", 2),
        (r"^\s*@\w[\w.]*(?:\([^\n]*\))?\s*$", 1),
        (r"\bprint\(", 1),
        (r"\b[frb]\"[^\"\n]*\"|\bf'[^'\n]*'", 1),
        (r"\b(?:None|True|False)\b", 1),
        (r"\b(?:elif|lambda\s+[\w,\s]*:|yield\s+from|is not None|not in)\b", 2),
        (r"\[[^\[\]\n]+\sfor\s[\w,\s]+\sin\s[^\n]+\]", 3),
        (r"^\s*\"\"\"|^\s*'''", 2),
        (r"\b__\w+__\b", 3),
        (r"\bawait\s+asyncio\.|\basyncio\.\w+\(", 3),
        (r"\b(?:len|range|isinstance|enumerate|sorted|str|int|dict|list|set)\(", 1),
        (r"^\s*(?:raise|assert|pass|del|global|nonlocal)\b(?![^\n]*;$)", 1),
        (r"^\s*[a-z_]\w*(?:\s*:\s*[\w\[\], |.]+)?\s*=\s*[^=\n;{]+$", 0.5),
        (r"^\s*[A-Za-z_][\w.]*\([^\n;]*\)\s*(?:#[^\n]*)?$", 0.4),
        (r"^[A-Z][A-Z0-9_, ]*\s=\s[^\n;]+$", 1),
        (r";\s*$|^\s*\}|^\s*end\s*$|&&|\|\|", -1),
    ),
    "go": (
        (r"^package\s+\w+\s*$", 3),
        (r"^func\s+(?:\(\w*\s*\*?\w+(?:\[[^\]\n]+\])?\)\s*)?\w+(?:\[[^\]\n]+\])?\([^\n]*\{?$", 3),
        (r"\bfunc\([^\n)]*\)[^\n{]*\{", 3),
        (r":=\s", 2),
        (r"\berr\s*!=\s*nil\b|,\s*err\s*:?=", 3),
        (r"\bnil\b", 1),
        (r"^type\s+\w+(?:\[[^\]\n]+\])?\s+(?:struct|interface|func|map|\w+)\b", 3),
        (r"\bfmt\.\w+\(|\bhttp\.(?:Handle\w*|ResponseWriter|Error|StatusOK)\b", 3),
        (r"\b(?:context|sync|errors|strings|time|atomic|slog|log)\.[A-Z]\w*", 1),
        (r"\b(?:chan|map\[\w+\])\s?\S|\bmake\((?:chan|map|\[\])|<-\s?\w", 2),
        (r"^\s*(?:go|defer)\s+\w[\w.]*\(", 3),
        (r"^\s*go\s+func\(|^\s*select\s*\{\s*$", 3),
        (r"^\s*(?:if|for|switch)\s[^(\n][^\n]*\{\s*$", 1),
        (r"^\s*for\s*(?:[^\n{]*\brange\s+\w+\s*)?\{\s*$", 2),
        (r"^\s*case\s+[^\n]*<-[^\n]*:\s*$", 3),
        (r"\[\](?:byte|string|int\d*|error|any|\*?[A-Z]\w*)\b", 2),
        (r"^\s*var\s+\w+\s+[\w*\[\].]+", 2),
        (r"^\s*\w+\s+[\w*\[\].]+\s+`(?:json|db|yaml):", 3),
        (r"^import\s+\"[\w./-]+\"|^(?:const|var|import|type)\s*\(\s*$", 3),
        (r"^\s*//", 0.3),
        (r";\s*$", -1),
    ),
    "javascript": (
        (r"^\s*(?:export\s+)?(?:const|let)\s+[\w$]+\s*(?::[^=\n]{1,60})?=(?!=)", 2),
        (r"^\s*(?:const|let|var)\s+[{\[][\w$\s,:.]+[}\]]\s*=", 3),
        (r"^\s*var\s+[\w$]+\s*=[^=]", 1),
        (r"^\s*(?:export\s+)?(?:default\s+)?(?:async\s+)?function\b\s*\*?\s*[\w$]*\s*\(", 3),
        (r"=>\s*(?:[{(\[`'\w]|$)", 1),
        (r"=>\s*\{\s*$", 2),
        (r"===|!==", 2),
        (r"\b(?:console\.(?:log|error|warn|info)|JSON\.(?:parse|stringify)|module\.exports)\b", 3),
        (r"\brequire\(['\"]|\bprocess\.(?:env|exit|on|nextTick)\b", 3),
        (r"^\s*import\b[^;\n]{0,200}\bfrom\s+['\"]", 3),
        (r"\bnew Promise\(|\bPromise\.\w+\(|\bawait fetch\(|\bset(?:Timeout|Interval)\(", 3),
        (r"\b(?:app|router)\.(?:get|post|put|use|delete|patch|listen)\([^\n]*(?:=>|function)", 3),
        (r"\bdocument\.\w+|\bwindow\.\w+|\blocalStorage\b", 2),
        (r"`[^`\n]*\$\{", 2),
        (r"\bdb\.\w+\.(?:find|findOne|aggregate|insertOne|insertMany|update\w*|createIndex)\(", 3),
        (r"\bres\.(?:json|send|status|end)\(|\breq\.(?:body|params|query)\b", 3),
        (r"^\s*(?:async\s+)?(?:static\s+)?#?\w+\([\w$,\s={}\[\].]*\)\s*\{\s*$", 1),
        (r"^\s*constructor\(", 3),
        (r"^\s*class\s+\w+(?:\s+extends\s+[\w.]+)?\s*\{\s*$", 1),
        (r"\bthis\.\w+\s*=", 1),
        (r"\bnew\s+(?:Map|Set|Error|Date|WeakMap)\(", 1),
        (r"\btypeof\s+\w|\bundefined\b", 2),
        (r"^\s*//", 0.3),
        (r"^\s*(?:using\s+[A-Z]|func\s|public\s+\w)", -3),
    ),
    "typescript": (
        (r"^\s*(?:export\s+)?interface\s+\w+(?:<[^>\n]+>)?(?:\s+extends\s[^\n{]+)?\s*\{", 2),
        (r"^\s*(?:export\s+)?type\s+\w+(?:<[^>\n]+>)?\s*=", 3),
        (
            r"\w\??\s*:\s*(?:string|number|boolean|unknown|any|void|never)(?:\[\])?\s*(?:[,;)=|}{]|$)",
            3,
        ),
        (r"\)\s*:\s*(?:Promise<|void\b|string\b|number\b|boolean\b|\w+\[\])", 3),
        (r"^\s*(?:public|private|protected|readonly)\s+(?:readonly\s+|async\s+)?\w+\s*[(:?]", 2),
        (r"\bas\s+(?:const|string|unknown|any)\b|\bkeyof\b|\bsatisfies\b", 3),
        (r"\b(?:Record|Partial|Promise|Array|Map|Pick|Omit|Readonly)<", 2),
        (r"^\s*(?:export\s+)?(?:const\s+)?enum\s+\w+\s*\{", 1),
    ),
    "java": (
        (
            r"^\s*(?:public|protected|private)\s+(?:static\s+|final\s+|abstract\s+)*"
            r"[\w<>\[\],.? ]+\(",
            2,
        ),
        (
            r"^\s*(?:public\s+|private\s+|protected\s+|static\s+|final\s+|abstract\s+|sealed\s+)*"
            r"(?:class|interface|record|enum)\s+[A-Z]\w*[^\n]*\{?",
            1,
        ),
        (r"^\s*(?:public\s+)?(?:record|enum|interface)\s+[A-Z]\w*\s*\(?[^\n]*\)?\s*\{", 1),
        (r"\bSystem\.(?:out|err|currentTimeMillis|nanoTime|getenv)\b", 3),
        (r"^import\s+(?:static\s+)?(?:java|javax|jakarta|org|com|io)\.[\w.*]+;", 3),
        (r"^package\s+[\w.]+;", 3),
        (
            r"^\s*@(?:Override|Test|Service|Autowired|Entity|Id|Bean|Component|RestController"
            r"|Transactional|GetMapping|PostMapping|Configuration|Column|Repository|Cacheable"
            r"|Async|Retryable|CircuitBreaker|KafkaListener|Table|OneToMany|ManyToOne)\b",
            3,
        ),
        (r"\bnew\s+[A-Z]\w*(?:<[\w, ]*>)?\(", 1),
        (
            r"\b(?:List|Map|Set|Optional|CompletableFuture|Queue|Deque|Stream|Supplier|Function"
            r"|Iterator|Comparator|ConcurrentHashMap|HashMap|ArrayList)<",
            2,
        ),
        (
            r"^\s*(?:final\s+)?(?:String|Integer|Long|boolean|int|long|double|char|byte\[\]|var|[A-Z]\w*"
            r"(?:<[^=\n;]+>)?)\s+\w+\s*=\s[^\n]+",
            1,
        ),
        (r"\bthrows\s+[A-Z]\w*|\bimplements\s+[A-Z]|\bextends\s+[A-Z]", 2),
        (r"\s->\s|::\w+\)", 1),
        (r"\bfor\s*\((?:final\s+)?[\w<>\[\], ]+\s\w+\s*:\s", 3),
        (r"\bcatch\s*\((?:final\s+)?[A-Z]\w*(?:\s*\|\s*[A-Z]\w*)*\s+\w+\)", 2),
        (r"\b(?:synchronized|instanceof|volatile|transient)\b|\bpublic static void main\b", 3),
        (r"\.(?:equals|hashCode|stream|orElseThrow|getClass|toString|isEmpty|length)\(\)?", 1),
        (r"\bthrow new [A-Z]\w*(?:Exception|Error)\(", 1),
        (r";\s*$", 0.3),
        (r"^\s*(?:const|let|function)\s|===|:=|=>", -2),
    ),
    "sql": (
        (r"(?i)^\s*(?:select|with)\s[^\n;]*\n?[^;]{0,400}?\bfrom\s+[\w\"`\[(]", 2),
        (r"^\s*SELECT\s[^\n]", 2),
        (r"(?i)^\s*insert\s+into\s+[\w.\"`]+|^\s*delete\s+from\s+[\w.\"`]+", 3),
        (r"(?i)^\s*update\s+[\w.\"`]+(?:\s+(?:as\s+)?\w+)?\s+set\s", 3),
        (
            r"(?i)^\s*create\s+(?:or\s+replace\s+)?(?:unique\s+|temp\w*\s+|materialized\s+|unlogged\s+)?"
            r"(?:table|index|view|schema|database|function|trigger|type|role|user|policy|sequence"
            r"|extension|procedure|publication|keyspace)\b",
            3,
        ),
        (r"(?i)^\s*(?:alter|drop|truncate)\s+(?:table|index|view|database|role|type)\b", 3),
        (r"(?i)^\s*(?:begin|commit|rollback)(?:\s+(?:work|transaction))?\s*;", 2),
        (r"(?i)^\s*(?:explain|analyze|vacuum|grant|revoke|lock\s+table)\s", 2),
        (r"(?i)^\s*(?:start\s+transaction|set\s+transaction|savepoint\s+\w+|begin\s+isolation)", 3),
        (r"^\s*(?:WHERE|FROM|ORDER BY|GROUP BY|HAVING|(?:LEFT |INNER |RIGHT )?JOIN|LIMIT)\s", 1),
        (r"(?i)\b(?:primary\s+key|not\s+null|references\s+\w+|varchar|bigserial|timestamptz)\b", 1),
        (
            r"(?i)\b(?:group\s+by|order\s+by|left\s+join|inner\s+join|for\s+update|on\s+conflict"
            r"|partition\s+by|values\s*\()",
            1,
        ),
        (
            r"(?i)\A(?:\s*--[^\n]*\n)*\s*(?:select\s|insert\s+into\s|update\s+\S+\s+set\s"
            r"|delete\s+from\s|(?:create|alter|drop)\s+(?:table|index|view|database)\s)",
            4,
        ),
        (r"^\s*--\s", 0.5),
    ),
    "bash": (
        (r"^#!.*\b(?:sh|bash|zsh|dash)\b", 3),
        (r"^\s*(?:sudo\s+)?(?:curl|wget)\s+(?:-|http|\"|'|\w+\.\w)", 3),
        (
            r"^\s*(?:sudo\s+)?(?:npm|npx|yarn|pnpm|pip3?|brew|apt(?:-get)?|yum|dnf|apk|cargo|gem|poetry"
            r"|uv|conda)\s+(?:-\w+\s+)?(?:i|install|add|run|init|update|start|test|exec|build|create"
            r"|ci|sync|remove|uninstall)\b",
            3,
        ),
        (r"^\s*npx\s+\S|^\s*(?:sudo\s+)?systemctl\s+\w", 3),
        (r"^\s*(?:sudo\s+)?(?:docker(?:-compose)?|podman|kubectl|helm|minikube|oc)\s+[a-z-]+", 3),
        (
            r"^\s*(?:git|gh|terraform|aws|gcloud|az|heroku|ansible\w*|vault)\s+[a-z][a-z-]*(?:\s|$)",
            3,
        ),
        (
            r"^\s*(?:psql|mysql|redis-cli|mongosh?|ssh|scp|rsync|openssl|ab|wrk|k6|hey|dig|nslookup|tar"
            r"|nc|telnet|ping|kafka-[\w-]+(?:\.sh)?|pg_\w+|rabbitmqctl|grpcurl)\s+[-\w./\"'@]",
            2.5,
        ),
        (
            r"^\s*(?:node|python3?|go|java|mvn|gradle|\./gradlew|deno|bun|make|ruby|dotnet|php)\s+"
            r"(?:-|[\w./-]+\.(?:m?js|py|go|jar|ts)\b|run|build|test|mod|get|install|package|clean|new"
            r"|artisan)",
            2,
        ),
        (
            r"^\s*(?:sudo|mkdir|cd|rm|cp|mv|ls|chmod|chown|touch|cat|echo|source|tail|head|grep|awk|sed"
            r"|ps|kill|top|df|du|lsof|netstat|ss|find|xargs|sleep|which|htop|strace|tcpdump)\s+"
            r"[-\w./~\"'$*]",
            1.5,
        ),
        (r"^\s*export\s+[A-Z_]\w*=", 3),
        (r"^\s*[A-Z_][A-Z0-9_]*=\S*$", 0.5),
        (r"\$\([\w./]+[^)\n]*\)", 2),
        (r"^\s*(?:if|while|until|elif)\s+(?:\[\[?|!)\s", 3),
        (r"^\s*(?:fi|done|esac)\s*$|;\s*(?:then|do)\s*$|^\s*(?:then|do)\s*$", 3),
        (r"^\s*for\s+\w+\s+in\s[^\n:]+;?\s*(?:do)?\s*$", 1),
        (r"\s\\\n\s+(?:-|\S)", 1),
        (r"\s--?[a-z][\w-]*(?:[=\s]|$)", 0.4),
        (r"\s\|\s*(?:grep|awk|sed|jq|sort|uniq|head|tail|wc|xargs|tee|cut|less)\b", 3),
        (r"\s&&\s|\s2>&1|>\s*/dev/null", 1),
        (r"\"?\$\{?[A-Z_][A-Z0-9_]*\}?\"?|\"\$\w+\"", 0.5),
        (r"^\s*#\s", 0.3),
        (r"^\s*set\s+-[a-z]+", 3),
        (r";\s*$|:=|=>|^\s*(?:- )?[\w-]+:(?:\s|$)", -1),
    ),
    "redis": (
        (
            r"^(?:[\w.:\[\]-]*>\s)?\s*(?:HSET|HGET|HGETALL|HINCRBY|LPUSH|RPUSH|LPOP|RPOP|BRPOP|BLPOP|SADD"
            r"|SMEMBERS|SISMEMBER|ZADD|ZRANGE|ZRANGEBYSCORE|ZREMRANGEBYSCORE|ZREVRANGE|ZCARD|EXPIRE|TTL"
            r"|PTTL|INCR|DECR|INCRBY|SETNX|SETEX|MGET|MSET|XADD|XREAD|XREADGROUP|XACK|XGROUP|PUBLISH"
            r"|SUBSCRIBE|PFADD|PFCOUNT|GEOADD|SETBIT|BITCOUNT|EVALSHA?|LRANGE|SCAN|PERSIST)\s+\S",
            3,
        ),
        (
            r"^(?:[\w.:\[\]-]*>\s)?\s*(?:SET|GET|DEL|EXISTS|UNLINK)\s+[\w\"'][\w:{}.\"'-]*(?:\s|$)",
            1,
        ),
        (r"^\s*(?:MULTI|EXEC|DISCARD)\s*$|^\((?:integer|nil|error)\)", 2),
        (r";\s*$|:=|=>|[(,]\s*$", -2),
    ),
    "dockerfile": (
        (r"^FROM\s+(?:--platform=\S+\s+)?[\w./:${}@-]+(?:\s+(?:AS|as)\s+[\w-]+)?\s*$", 3),
        (
            r"^(?:RUN|COPY|ADD|WORKDIR|ENTRYPOINT|CMD|EXPOSE|ENV|ARG|USER|HEALTHCHECK|VOLUME)\s+\S",
            2,
        ),
        (r"^(?:CMD|ENTRYPOINT)\s*\[\s*\"", 3),
        (r"^COPY\s+--(?:from|chown|link)", 3),
        (r"^\s*(?:WHERE|JOIN|GROUP|ORDER|SELECT)\b", -4),
    ),
    "nginx": (
        (r"^\s*(?:server|http|events|stream)\s*\{\s*$", 2),
        (r"^\s*upstream\s+[\w.-]+\s*\{", 3),
        (r"^\s*location\s+(?:[=~^*@]+\s*)?[^\s{]+\s*\{", 3),
        (
            r"^\s*(?:proxy_\w+|listen|server_name|limit_req\w*|limit_conn\w*|ssl_\w+|add_header"
            r"|try_files|access_log|error_log|worker_\w+|keepalive\w*|gzip\w*|root|index|rewrite|expires"
            r"|fastcgi_\w+|least_conn|ip_hash|map|include|client_\w+)\b[^\n]*;\s*(?:#[^\n]*)?$",
            2,
        ),
        (r"^\s*server\s+[\w.:-]+(?:\s+\w+(?:=\w+)?)*;", 3),
        (r"^\s*return\s+[1-5]\d\d\b[^\n]*;", 2),
    ),
    "protobuf": (
        (r"^\s*syntax\s*=\s*\"proto[23]\";", 4),
        (r"^\s*message\s+[A-Z]\w*\s*\{", 2),
        (
            r"^\s*(?:repeated\s+|optional\s+|required\s+)?[\w.]+(?:<[\w, .]+>)?\s+\w+\s*=\s*\d+\s*"
            r"(?:\[[^\]\n]*\])?;",
            2,
        ),
        (r"^\s*rpc\s+\w+\s*\(\s*(?:stream\s+)?[\w.]+\s*\)\s*returns", 4),
        (r"^\s*service\s+\w+\s*\{", 2),
    ),
    "graphql": (
        (r"^\s*(?:query|mutation|subscription)\b\s*\w*\s*(?:\([^\n]*\))?\s*\{", 3),
        (
            r"^\s*(?:extend\s+)?(?:type|input|interface)\s+[A-Z]\w*(?:\s+implements\s[^\n{]+)?"
            r"(?:\s+@\w+[^\n{]*)?\s*\{\s*$",
            2,
        ),
        (r"^\s*\w+(?:\([^\n)]*\))?\s*:\s*\[?(?:ID|String|Int|Float|Boolean)!?\]?!?", 2),
        (r"^\s*\w+(?:\([^\n)]*\))?\s*:\s*\[?[A-Z]\w*!?\]?!", 2),
        (r"^\s*fragment\s+\w+\s+on\s+\w+|^\s*\.\.\.\s*on\s+\w+", 3),
        (r"^\s*(?:directive\s+@|scalar\s+[A-Z]|union\s+[A-Z]\w*\s*=|enum\s+[A-Z]\w*\s*\{)", 2),
        (r"^\s*\{\s*\n\s*\w+(?:\(\w+:[^\n)]*\))?\s*\{\s*$", 3),
    ),
    "hcl": (
        (r"^\s*(?:resource|data)\s+\"\w+\"\s+\"[\w-]+\"\s*\{", 4),
        (r"^\s*(?:variable|output|provider|module)\s+\"[\w-]+\"\s*\{", 4),
        (r"^\s*(?:terraform|locals|required_providers|backend\s+\"\w+\")\s*\{", 3),
        (r"\b(?:var|local|module|data)\.\w+", 1),
        (r"^\s*\w+\s*=\s*(?:\"|\[|\{|\d|true|false|[a-z_]+\.\w)", 0.5),
    ),
    "css": (
        (r"^[ \t]*[.#a-z][\w \t.#:>,()\[\]=\"'*+~-]*\{\s*$", 1),
        (r"^\s*[.#@:*][\w-]*[^\n{;]*\{", 1),
        (
            r"(?:^|[{;])\s*(?:color|background(?:-color)?|margin(?:-\w+)?|padding(?:-\w+)?|display|width"
            r"|height|font(?:-\w+)?|border(?:-\w+)?|position|top|left|flex(?:-\w+)?|grid(?:-\w+)*|gap"
            r"|align-\w+|justify-\w+|max-width|min-width|z-index|opacity|overflow|transition)\s*:"
            r"\s*[^\n;{]+;",
            3,
        ),
        (r"^\s*@(?:media|import|keyframes|font-face|layer|supports)\b", 3),
        (r"^\s*--[\w-]+\s*:\s*[^\n;]+;", 3),
    ),
    "html": (
        (r"(?i)<!doctype html", 4),
        (
            r"(?i)^\s*</?(?:html|head|body|div|span|p|a|ul|ol|li|form|input|button|script|style|link|meta"
            r"|table|tr|td|h[1-6]|img|nav|main|section|header|footer|label|title|iframe|select)\b[^\n]*",
            2,
        ),
        (r"(?i)</(?:div|p|a|body|html|form|script|ul|li|button|span|h1|h2|table|label|head)>", 2),
    ),
    "xml": (
        (r"^\s*<\?xml\s", 4),
        (r"^\s*<(?:[a-z]+:)?[A-Za-z][\w.-]*(?:\s+[\w:.-]+=\"[^\"\n]*\")*\s*/?>", 1),
        (r"</[A-Za-z][\w:.-]*>", 1),
        (r"\bxmlns(?::\w+)?=", 3),
        (r"<!\[CDATA\[|<(?:soap|wsdl|xs|xsd|soapenv|s):", 3),
        (r"(?i)</?(?:div|span|p|ul|li|body|script|button|form)\b", -2),
    ),
    "lua": (
        (r"\bredis\.p?call\s*\(", 3),
        (r"\bKEYS\[\d\]|\bARGV\[\d\]", 3),
        (r"^\s*local\s+(?:function\s+)?[\w, ]+\s*(?:=|\()", 3),
        (r"\sthen\s*(?:$|return\b)|^\s*elseif\b", 2),
        (r"^\s*end\)?\s*$", 1),
        (r"~=|\.\.\s*[\"'\w]", 1),
        (r"^\s*function\s+[\w.:]+\([\w, .]*\)\s*$", 2),
        (r"^\s*--\s", 0.5),
        (r"\bngx\.\w+|\bpairs\(|\btonumber\(", 3),
        (r"^\s*(?:echo\b|fi\b|done\b|local\s+\w+=\S)", -3),
    ),
    "toml": (
        (r"^\s*\[\[?[\w.\"-]+\]\]?\s*(?:#[^\n]*)?$", 1),
        (
            r"^\s*[\w.-]+\s*=\s*(?:\"[^\"\n]*\"|'[^'\n]*'|\[[^\n]*|\d[\d_.]*|true|false)\s*(?:#[^\n]*)?$",
            1,
        ),
        (r"^\s*[\w-]+\s*=\s*\{[^\n]*\}\s*$", 1),
        (r"^\s*[\w.-]+\s*=\s*[A-Za-z/][^\n\"']*$|;\s*$|^\s*(?:resource|def|if|for)\b", -3),
    ),
    "markdown": (
        (r"^#{2,6}\s+\S", 3),
        (r"\A#\s+[A-Z][\w ]*$", 2),
        (r"^[-*]\s+(?:\[[ x]\]\s+)?\S+\s", 0.7),
        (r"^\d+\.\s+[A-Z]", 0.7),
        (r"!?\[[^\]\n]+\]\([^)\s]+\)", 3),
        (r"\*\*[^*\s][^*\n]*\*\*", 2),
        (r"^\s*```+[ \w{.]*", 3),
        (r"<https?://[^>\s]+>|(?:^|\s)\{ ?[.#][\w-]+(?: [.#][\w-]+)* ?\}$", 3),
        (r"^\*\*[^*\n]+\*\*(?:\s|$)", 1),
        (r"^\|[^\n]*\|\s*\n\|[-: |]+\|\s*$", 3),
        (r"^(?:///|!!!|\?\?\?)\s*\w*|^\[\^?[\w-]+\]:\s", 3),
        (r"\[[^\]\n]+\]\[[\w-]*\]|^<!--|^;?--8<--", 2),
        (r"[)\]\"';];\s*$|^\s*(?:def|if|for|const|func|import)\s[^\n]*[:;{(=]", -2),
    ),
}
"""How code in each language of the guide looks; `language_shapes` knows the rest of them."""


def scores(text: str, table: Mapping[str, tuple[tuple[str, float], ...]]) -> dict[str, float]:
    """Return how far the signs of each language in a table are found in a text, the best first."""
    head = _head(text)
    found = {language: _score(head, _compiled(signs)) for language, signs in table.items()}
    return dict(sorted(found.items(), key=lambda each: -each[1]))


def _head(text: str) -> str:
    """Return the beginning without lines that are blank, which say nothing and take time."""
    lines = text[: 4 * LONGEST].split("\n")
    return "\n".join(line.rstrip() for line in lines if line.strip())[:LONGEST]


def _score(text: str, signs: Iterable[tuple[re.Pattern[str], float]]) -> float:
    total = 0.0
    for pattern, weight in signs:
        count = 0
        for _ in pattern.finditer(text):
            count += 1
            if count == _MOST_REPEATS:
                break
        total += weight * count
    return total


@cache
def _compiled(
    signs: tuple[tuple[str, float], ...],
) -> tuple[tuple[re.Pattern[str], float], ...]:
    return tuple((re.compile(pattern, re.MULTILINE), weight) for pattern, weight in signs)
