"""What is known of functions by their name: which cover a picture, which only compute, which only draw.

A name is resolved through the file's imports (`cv.GaussianBlur` after `import cv2 as cv`). What stands in
no table is unknown, and an unknown use of a face is held against the code.
"""

import re
from typing import Final

BLURS: Final = re.compile(
    r"""(?x)
    cv2\.(GaussianBlur|blur|medianBlur|boxFilter|stackBlur)
    | scipy\.ndimage\.(filters\.)?(gaussian_filter|uniform_filter|median_filter)
    | skimage\.filters\.(gaussian|median)
    | torchvision\.transforms\.(v2\.)?functional\.gaussian_blur
    | kornia\.filters\.(gaussian_blur2d|box_blur|median_blur)
    """
)
"""A picture in, a blurred picture out; the first argument is the picture."""

PIL_BLURS: Final = re.compile(r"(PIL\.)?ImageFilter\.(GaussianBlur|BoxBlur)")
FILLS: Final = re.compile(
    r"(numpy|torch|tensorflow)\.(zeros|ones|full|empty)(_like)?|numpy\.random\..+"
    r"|torch\.(rand|randn|randint)(_like)?|(PIL\.)?Image\.new"
)
"""A new picture that shows nothing of the one before."""

DRAWS: Final = re.compile(
    r"cv2\.(rectangle|circle|ellipse|line|putText|polylines|drawContours|drawMarker|arrowedLine"
    r"|fillPoly|fillConvexPoly)"
)
ALWAYS_FILLED: Final = re.compile(r"cv2\.(fillPoly|fillConvexPoly)")
PIL_DRAWS: Final = frozenset(
    {"rectangle", "rounded_rectangle", "ellipse", "polygon", "circle", "line", "text", "arc", "pieslice"}
)
RESIZES: Final = re.compile(r"cv2\.resize|skimage\.transform\.resize|imutils\.resize|scipy\.ndimage\.zoom")
REPEATS: Final = re.compile(r"numpy\.(repeat|kron|tile)")
ADDS: Final = re.compile(r"cv2\.(add|bitwise_or)|numpy\.(add|bitwise_or)")
INVERTS: Final = re.compile(r"cv2\.bitwise_not|numpy\.(logical_not|invert|bitwise_not)")
CELLS: Final = re.compile(r"(?i)pixel|block|mosaic|cell|grid|tile")
"""Variables for the number of cells of a pixelated picture."""
COUNTS: Final = frozenset({"len", "bool", "any", "all", "isinstance", "hasattr", "type"})

PURE: Final = re.compile(
    r"""(?x)
    (int|float|str|abs|round|min|max|sum|list|tuple|set|dict|zip|enumerate|range|map|filter|sorted|reversed
      |iter|next|slice|divmod|pow|repr|id|frozenset|vars|getattr|super|format)
    | numpy\.(?!save|savez|savetxt|tofile|memmap|load|fromfile|DataSource)[\w.]+
    | (Math|Object|Promise)\.\w+ | Array(\.(from|of|isArray))? | Number | String | Boolean | parseInt
    | parseFloat | structuredClone | \w+(32|64|16|8|Clamped)Array
    | JSON\.stringify | cv\.(Rect|Point|Size|Scalar)
    | math\.\w+ | itertools\.\w+ | operator\.\w+ | copy\.(copy|deepcopy) | functools\.reduce
    | cv2\.(cvtColor|resize|boundingRect|convexHull|flip|rotate|bitwise_not|add|subtract|mean|minAreaRect
      |boxPoints|groupRectangles|normalize|split|merge|warpAffine|getRotationMatrix2D|copyMakeBorder|inRange|threshold
      |dilate|erode|ellipse2Poly|convertScaleAbs|getGaussianKernel|getStructuringElement|findContours|contourArea
      |dnn\.(NMSBoxes|blobFromImage|blobFromImages))
    | cv2\.(data|dnn)\.\w+
    | torch\.(from_numpy|tensor|as_tensor|stack|cat|clamp|round|nonzero|where|unsqueeze|squeeze)
    | torchvision\.ops\.(nms|batched_nms|clip_boxes_to_image|box_convert)
    | (PIL\.)?Image\.(fromarray|open) | (PIL\.)?ImageOps\.\w+ | (PIL\.)?ImageDraw\.(Draw|ImageDraw)
    | skimage\.(img_as_ubyte|img_as_float|util\.\w+)
    | dlib\.(rectangle|point|rectangles) | tqdm(\.\w+)*
    """
)
"""What comes out was computed of what went in, and nothing else happens."""

PURE_METHODS: Final = re.compile(
    r"""(?x)
    tolist|astype|copy|reshape|squeeze|flatten|ravel|transpose|swapaxes|permute|unsqueeze|repeat|view|clone
    |min|max|mean|sum|round|clip|any|all|argmax|argmin|argsort|nonzero|count|index|sort|reverse
    |numpy|cpu|detach|item|int|float|long|half|to|type|numpy_array
    |items|keys|values|get|pop|iterrows|itertuples|join|format|split|strip
    |left|top|right|bottom|width|height|area|center|size|shape|tl_corner|br_corner|rect|parts?|num_parts
    |union|intersection|intersect|difference|contains|is_empty|xyxyn?|xywhn?|get_keypoint
    |promise|then|catch|finally|forEach|map|filter|reduce|slice|concat|find|some|every|flat|flatMap|at|fill|toFixed
    |includes|entries|toArray|arraySync|dataSync|array|data|dispose
    |resize|crop|convert|thumbnail|rotate|flip
    """
)
"""Methods of what was found that only compute; whatever else is called on it is unknown."""

SETS_UP: Final = re.compile(
    r"(?i)(set|get_?(un|layer|input|output|model))\w*$|(load|empty|prepare|eval|to|cuda|cpu|float|half|close|reset|"
    r"release|read|open|train|fuse|compile|warm_?up|parameters|allocate_tensors|ready|__enter__|__exit__)$|load_\w+$"
)
"""What one does with a detector before it looks at a picture, or after."""
PASSES: Final = frozenset({"then", "catch", "finally"})
"""What hands on what a promise holds."""
STORES: Final = re.compile(r"(?i)^(save|dump|export|write|upload|send|publish)")
MAKES: Final = re.compile(
    r"^_*[A-Z]|(?i:create|build|load|make|init|new|setup|from_pretrained|open|options)"
    r"|(?i:^get_\w*(detector|model|cascade|net|classifier)$)"
)
"""Functions that give a detector rather than faces."""
DETECTS: Final = re.compile(r"(?i)detect_|detect$|find_|predict")
SETTINGS: Final = re.compile(
    r"(?i)(path|file|url|dir|weights?|thresh(old)?|conf(idence)?|name|size|enabled|score|config|options?)s?$"
)
"""Variables that are called after a detector's settings."""
MODELS: Final = re.compile(
    r"^[A-Z]|(?i:detector|detection$|mesh$|cascade|classifier|model|net$|_net_|mtcnn|yunet|scrfd|blaze|session)"
)
"""Variables that are called after a detector rather than after faces."""
APPENDS: Final = frozenset({"append", "extend", "appendleft", "push", "unshift"})
MUTATES: Final = APPENDS | {"add", "insert", "update", "setdefault"}
"""What puts something into a container; the second ones are also methods of data bases and trackers."""
PATHS: Final = re.compile(
    r"(os\.path\.\w+|pathlib\.(Pure)?Path|Path|str|os\.fspath|print|open|os\.(stat|makedirs|remove|listdir|getenv)"
    r"|os\.environ\.get|(urllib\.request\.|wget\.|gdown\.)?(urlretrieve|download)|logging\.\w+|logger\.\w+)"
)
"""Where the name of a weights' file may go without a detector being made."""

SHOWS: Final = re.compile(r"(?i)print|console\.|logging\.|^log(ger)?\.|pprint|\.(info|debug|warning|error)$")
SHELLS: Final = re.compile(
    r"subprocess\.\w+|os\.(system|popen)|ffmpeg\.\w+|.*\.(filter|output|overlay|run)$|shlex\.\w+"
)
FILTERS: Final = re.compile(
    r"\b(box|g|avg|smart|dbl|sab)blur\s*=|\bdelogo\s*=|\bpixelize\s*=|drawbox\s*=.*(t=fill|:fill)"
)
"""ffmpeg's filters that cover what they are given."""

HARMLESS: Final = re.compile(
    r"""(?x)
    (console|Math|document|window|performance|navigator|Promise|Array|Object|JSON|Number)\b.*
    | (canvas|ctx|context)\b.*
    | (requestAnimationFrame|cancelAnimationFrame|setTimeout|clearTimeout|setInterval|parseInt|Map|Set)
    | (cv2|numpy|math|time|datetime|PIL|imageio|skvideo|moviepy|tqdm|sys|pathlib|logging|logger|log|random
      |shutil|string|itertools|collections|glob|argparse|imutils|torch|torchvision|skimage|scipy|tempfile|warnings|matplotlib)\b.*
    | os\.(path\..*|makedirs|mkdir|listdir|remove|unlink|rename|replace|getenv|environ\..*)
    | (print|int|float|str|abs|round|min|max|sum|list|tuple|set|dict|zip|enumerate|range|map|filter|sorted|len
      |isinstance|open|exit|quit|input|bool|type|getattr|hasattr|repr|ord|chr|super|iter|next|any|all|reversed
      |\w*Error|\w*Exception|SystemExit|display|format|divmod|slice)
    | (?!requests|httpx|urllib|socket|aiohttp|http|smtp|mqtt|redis|db\b|session|cursor|conn)[^.]*\.(.*\.)?
      (write|append|release|close|info|debug|warning|error|copy|astype|reshape|format|join|strip|split
      |replace|exists|lower|upper|get|items|keys|values|read|isOpened|resize|convert|tolist|seek|flush|rotate
      |sum|mean|extend|add|pop|clear|set_description|set_postfix|paste|save|filter|crop|show|line|text|rectangle
      |ellipse|append_data|with_suffix|mkdir|endswith|startswith|update|getvalue|tobytes|fill|set|size)
    """
)
"""What may happen because a face was found, with nothing of it in it, and serves no purpose of its own."""

SMALLEST_BLUR: Final = 11
"""A kernel of fewer pixels on both sides smooths noise; it hides nobody."""
SMALLEST_GRID: Final = 24
"""A picture scaled to so few pixels on a side and back shows cells."""
