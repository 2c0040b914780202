"""Signs of languages that fences cannot name, so that their code does not pass for another.

They are read and weighed as those in `language_signs` are.
"""

from __future__ import annotations

from collections.abc import Mapping

FOREIGN_SIGNS: Mapping[str, tuple[tuple[str, float], ...]] = {
    "C#": (
        (r"^\s*using\s+(?:static\s+)?[A-Z][\w.]*;", 3),
        (r"^\s*namespace\s+[A-Z][\w.]*\s*[{;]?\s*$", 3),
        (r"\{\s*get;|\bget\s*=>|\binit;\s*\}", 4),
        (
            r"\basync\s+Task\b|\bTask<|\bIEnumerable<|\bIActionResult\b|\bActionResult<|\bDbContext\b",
            4,
        ),
        (r"\bConsole\.(?:Write|Read)\w*\(", 4),
        (r"^\s*\[[A-Z]\w*(?:\([^\n]*\))?\]\s*$", 3),
        (r"\bstring\s+\w+\s*[=;,)]|\bvar\s+\w+\s*=\s*(?:await|new)\b[^\n]*;$", 2),
        (
            r"\.(?:Where|Select|FirstOrDefault|ToList|OrderBy|Include|Add\w*|ToListAsync"
            r"|SaveChangesAsync|\w+Async)\(",
            2,
        ),
        (r"\bpublic\s+(?:override|virtual|sealed|partial|readonly|async)\b", 2),
        (r"\bforeach\s*\(\s*(?:var|[A-Z]\w*)\s+\w+\s+in\s", 4),
        (r"^\s*(?:public|private|protected|internal)\s+(?:\w+\s+)?class\s+\w+\s*:\s*[A-Z]", 4),
        (r"\b(?:services|Services)\.Add\w+|\bnameof\(|\bis null\b|\?\?=|\$\"", 2),
        (r"=>\s*\w+\.[A-Z]", 2),
    ),
    "C or C++": (
        (r"^\s*#\s*(?:include\s*[<\"]|define\s+\w|ifdef|ifndef|pragma)", 4),
        (r"\bstd::\w+|\bcout\s*<<|\bcin\s*>>|\bnullptr\b", 4),
        (r"\bint\s+main\s*\(", 4),
        (r"\b(?:printf|malloc|free|memcpy|sizeof|strlen|fork)\s*\(", 3),
        (
            r"^\s*(?:const\s+|static\s+|unsigned\s+)*(?:int|char|void|size_t|float|double|struct\s+\w+|auto)"
            r"\s*[*&]+\s*\w+",
            3,
        ),
        (r"^\s*struct\s+\w+\s*\{\s*$|^\s*template\s*<|^\s*typedef\s|^\s*using\s+namespace\s", 3),
        (r"\w->\w+(?:\s*[=;(]|->)", 1),
        (r"^\s*(?:public|private|protected)\s*:\s*$|^\s*virtual\s", 3),
        (r"^\s*(?:int|void|char|bool|float|double)\s+\w+\([^)\n]*\)\s*\{?\s*$", 1),
        (r"\$\w+|^\s*def\s", -3),
    ),
    "Rust": (
        (r"^\s*(?:pub(?:\([a-z]+\))?\s+)?(?:async\s+|unsafe\s+|const\s+)*fn\s+\w+", 4),
        (r"\blet\s+mut\s", 4),
        (r"\b(?:println|vec|format|panic|assert_eq|tokio::\w+|eprintln|matches)!\s*[(\[{]", 4),
        (r"^\s*impl(?:<[^>\n]+>)?\s+[A-Z]\w*", 4),
        (r"^\s*use\s+(?:std|crate|tokio|super|serde|self)(?:::|;)", 4),
        (r"&(?:mut|'?static)\s|&str\b|\bOption<|\bResult<|\bArc<|\bBox<|\bVec<", 2),
        (r"^\s*#\[\w+", 4),
        (r"\.unwrap\(\)|\.await\??;|\?;\s*$|::new\(", 2),
        (r"^\s*match\s+[^\n]+\{\s*$|(?:Some|Ok|Err)\(\w*\)\s*=>", 3),
        (r"^\s*(?:pub\s+)?(?:struct|enum|trait|mod)\s+\w+", 1),
    ),
    "Ruby": (
        (r"^\s*def\s+(?:self\.)?\w+[?!]?(?:\s*\([^\n)]*\))?\s*$", 3),
        (r"^\s*end\s*$", 1.5),
        (r"\bdo\s*\|[^|\n]*\|\s*$|\{\s*\|[^|\n]*\|", 4),
        (
            r"^\s*class\s+[A-Z]\w*(?:\s*<\s*[A-Z][\w:.]*(?:\[[\d.]+\])?)?\s*$|^\s*module\s+[A-Z]\w*\s*$",
            3,
        ),
        (
            r"^\s*(?:attr_\w+|has_many|belongs_to|validates|before_action|scope|include|extend)\s+:?\w",
            4,
        ),
        (r"^\s*require(?:_relative)?\s+['\"]|\bputs\s", 3),
        (r"(?:^|\s)@\w+\s*(?:\|\|)?=[^=]", 2),
        (r"#\{[^}\n]+\}", 2),
        (r"\.(?:each\b|new(?:\(|\s|$)|nil\?)|\s(?:unless|elsif)\s", 2),
        (r"(?:[\s(,]):[a-z_]\w*(?:[,\s)]|$)", 1),
        (r"\bthen\b|\blocal\s", -2),
    ),
    "PHP": (
        (r"<\?php|<\?=", 6),
        (r"^\s*\$\w+(?:\[[^\]\n]*\])?\s*\.?=[^=]", 3),
        (r"\$this->", 4),
        (r"\$\w+->\w+|\w+::\w+\(|->\w+\(\s*[\[$]", 2),
        (r"^\s*(?:public|private|protected)\s+(?:static\s+)?function\s", 5),
        (r"\bfunction\s+\w+\([^\n)]*\$\w+|\bfn\s*\(|\buse\s*\(\$", 4),
        (r"\b(?:echo|foreach)\b[^\n]*\$\w+", 2),
        (r"^\s*(?:use|namespace)\s+[A-Z][\w\\]*;", 3),
    ),
    "Kotlin": (
        (
            r"^\s*(?:(?:override|suspend|private|public|internal|inline|open|operator|abstract|tailrec)\s+)*"
            r"fun\s+(?:<[^>\n]+>\s*)?[\w.]+\s*\(",
            5,
        ),
        (
            r"^\s*(?:private\s+|override\s+|lateinit\s+)*va[lr]\s+\w+\s*(?::\s*[A-Z]\w*[^=\n]*)?(?:=|by\b)",
            2,
        ),
        (r"^\s*(?:data|sealed|open|enum|abstract)\s+class\s+[A-Z]\w*\s*\(", 4),
        (r"^\s*(?:companion\s+)?object\s*\w*\s*(?::\s*\w+[^\n{]*)?\{", 2),
        (r"\bwhen\s*(?:\([^\n)]*\))?\s*\{|\?\.let\s*\{|\?:\s|!!\.|\blistOf\(|\bmapOf\(", 3),
        (r"\b(?:launch|async|runBlocking|withContext|coroutineScope)\s*(?:\([^\n)]*\))?\s*\{", 4),
        (r"^\s*class\s+\w+\(\s*(?:private\s+|val\s|var\s)", 4),
        (r"\bprintln\(", 1),
    ),
    "Swift": (
        (
            r"^\s*(?:(?:public|private|static|override|mutating|@\w+)\s+)*func\s+\w+\([^\n{]*\b\w+\s*:"
            r"[^\n]*\{?",
            4,
        ),
        (r"^\s*(?:guard|if)\s+let\s+\w+", 4),
        (r"^\s*(?:let|var)\s+\w+\s*:\s*\[?[A-Z]\w*", 2),
        (r"\\\(\w[^)\n]*\)", 3),
        (r"^\s*import\s+(?:Foundation|UIKit|SwiftUI|Combine)\s*$", 5),
        (r"^\s*(?:struct|protocol|extension|actor)\s+[A-Z]\w*(?:\s*:\s*[\w, ]+)?\s*\{", 2),
    ),
    "Scala": (
        (
            r"^\s*(?:override\s+|private\s+|implicit\s+)*def\s+\w+(?:\[[^\]\n]+\])?(?:\([^\n]*\))*"
            r"(?:\s*:\s*[\w\[\], .]+)?\s*=(?:\s|$)",
            4,
        ),
        (r"^\s*(?:case\s+class|case\s+object|sealed\s+trait|object|trait)\s+[A-Z]\w*", 3),
        (r"^\s*(?:implicit\s+|lazy\s+)?val\s+\w+\s*(?::\s*[\w\[\], ]+)?\s*=", 2),
        (r"^\s*case\s+[^\n]+=>", 1),
        (r"^\s*import\s+[\w.]+\.(?:_|\{)", 3),
        (r"\b(?:Option|Future|Seq|List|Either|Map)\[[A-Z]", 3),
    ),
    "Elixir": (
        (r"^\s*def(?:module|p|struct|protocol|impl|macro)\s", 5),
        (r"^\s*\|>\s", 4),
        (r"^\s*def\s+\w+[^\n]*\sdo\s*$", 4),
        (r"%\{[^\n]*\}|%[A-Z]\w*\{|\bfn\s+[^\n]*->", 2),
        (r"\b(?:IO|Enum|GenServer|Repo|Task)\.\w+", 3),
        (r"\{:(?:ok|error)\b", 4),
        (r"^\s*end\s*$", 0.5),
    ),
    "PowerShell": (
        (
            r"\b(?:Get|Set|New|Remove|Invoke|Write|Start|Stop|Import|Export|Select|Where|ForEach|Add|Out"
            r"|Test|ConvertTo|ConvertFrom)-[A-Z]\w+",
            4,
        ),
        (r"^\s*\$\w+\s*=\s", 2),
        (r"\s-(?:eq|ne|gt|lt|like|match|and|or)\s", 1),
        (r"^\s*param\s*\(|\$_\.\w+|\$env:\w+", 4),
    ),
    "Perl": (
        (r"^\s*use\s+(?:strict|warnings|[A-Z]\w*(?:::\w+)*)\s*[;'q]", 4),
        (r"^\s*my\s+[$@%(]", 5),
        (r"^\s*sub\s+\w+\s*\{", 4),
        (r"=~\s*(?:m|s|tr|/)", 3),
        (r"\$_\b|@_\b|@\{?\$\w+|\$\w+->\{", 2),
    ),
    "Haskell": (
        (r"^\s*\w+(?:'|)\s*::\s+[^\n]*(?:->|\bIO\b|[A-Z]\w*\s*$)", 4),
        (r"^(?:module|import)\s+(?:qualified\s+)?[A-Z][\w.]*(?:\s|$)", 3),
        (r"^\s*(?:data|newtype|instance|class)\s+[A-Z][^\n]*(?:=|where)", 4),
        (r"^\s*\w+\s+<-\s|\s<\$>\s|\s>>=\s|\s\.\s\w+", 1),
        (r"\bwhere\s*$", 1),
    ),
    "R": (
        (r"^\s*[\w.]+\s*<-\s*(?:function\s*\(|c\(|[\w\"(])", 3),
        (r"^\s*library\(\w+\)|%>%|\bdata\.frame\(|\bggplot\(", 4),
    ),
    "Dart": (
        (r"^\s*import\s+'(?:package|dart):", 5),
        (r"\bFuture<\w*>\s+\w+\([^\n]*\)\s*async|\bWidget\s+build\(", 5),
        (r"^\s*late\s+\w+\??\s+\w+\s*[=;]", 2),
        (r"^\s*void\s+main\(\)\s*(?:async\s*)?(?:\{|=>)", 4),
    ),
    "assembly": (
        (r"(?i)^\s*(?:mov[a-z]*|push|pop|lea|xor|cmp|add|sub)\s+[%$\[]?\w+(?:\])?\s*,\s*\S", 3),
        (r"(?i)^\s*(?:jmp|je|jne|jz|jnz|call|ret|int|syscall|nop)\b(?:\s+[\w.]+)?\s*$", 2),
        (r"(?i)^\s*(?:section|global|\.globl|\.text|\.data)\b", 3),
        (r"(?i)\b[er][abcd]x\b|%[re]\w\w\b", 3),
    ),
    "a diff": (
        (r"^(?:diff --git|--- a/|\+\+\+ b/)", 5),
        (r"^@@ -\d+(?:,\d+)? \+\d+", 5),
    ),
    "Makefile": (
        (r"^\.PHONY\s*:", 6),
        (r"^[\w./-]+\s*:(?!=)[^\n]*\n\t\S", 4),
        (r"\$\((?:CC|MAKE|shell|[A-Z_]{2,})\b", 2),
    ),
    "Gherkin": (
        (r"^\s*(?:Feature|Scenario(?: Outline)?|Background):", 4),
        (r"^\s*(?:Given|When|Then|And)\s+\w", 2),
    ),
    "Groovy": (
        (r"^\s*pipeline\s*\{", 4),
        (r"^\s*(?:stage\s*\('|agent\s+\w|steps\s*\{|stages\s*\{)", 3),
        (r"^\s*(?:implementation|testImplementation|api)\s+['\"(]|^\s*plugins\s*\{", 4),
    ),
    "PlantUML": ((r"^\s*@(?:start|end)uml", 6),),
    "Cypher": (
        (r"^\s*(?:OPTIONAL\s+)?(?:MATCH|MERGE|CREATE)\s+\w*\s*=?\s*\(\w*(?::\w+)?[^\n]*\)", 4),
        (r"-\[:?\w*[^\]\n]*\]-+>?", 3),
        (r"^\s*RETURN\s", 1),
    ),
    "Solidity": (
        (r"^\s*pragma\s+solidity", 6),
        (r"^\s*contract\s+[A-Z]\w*(?:\s+is\s[^\n{]+)?\s*\{", 4),
    ),
    "Visual Basic": (
        (
            r"^\s*(?:Dim\s+\w+\s+As|End\s+(?:Sub|Function|If|Class)|Public\s+(?:Sub|Function|Class))\b",
            5,
        ),
    ),
    "PromQL": (
        (
            r"\A\s*(?:rate|irate|increase|histogram_quantile|sum|avg)\s*(?:by\s*\([^)\n]*\)\s*)?\([^\n]*"
            r"\{?[^\n]*\[\d+[smhd]\]",
            5,
        ),
    ),
    "LaTeX": ((r"\\(?:begin|end)\{\w+\*?\}|\\(?:frac|sum|documentclass|usepackage)\b", 5),),
    "INI": (
        (r"^\s*\[[\w. -]+\]\s*$", 1),
        (r"^\s*[a-z][\w.-]*\s*=\s*[A-Za-z/][^\n\"'(;{\[]*$", 1),
        (r"^\s*[a-z]\w*(?:\.[\w-]+)+\s*=\s*\S", 2),
        (r"\b(?:def|return|if|for|import|const|let|var|local|print)\b|[;{(]\s*$|\w\(|\s#\s", -3),
    ),
}
"""How languages look that fences cannot name: they must not pass for one that they can."""
