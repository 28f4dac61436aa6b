"""Names and courses in each script that certificates are issued in, to try a template with."""

import re
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Sample:
    """What a certificate in one language may say.

    Attributes:
        language: BCP 47 tag.
        name: a learner's.
        course: what was learnt.
    """

    language: str
    name: str
    course: str


SAMPLES = {
    "Latin": Sample("en", "José Müller Čapek", "Mathematics"),
    "Greek": Sample("el", "Γιώργος Παπαδόπουλος", "Μαθηματικά"),
    "Cyrillic": Sample("ru", "Александр Щербаков", "Математика"),
    "Devanagari": Sample("hi", "प्रार्थना श्रीवास्तव", "गणित"),
    "Bengali": Sample("bn", "শ্রীমতী ঋতুপর্ণা", "গণিত"),
    "Gurmukhi": Sample("pa", "ਗੁਰਪ੍ਰੀਤ ਸਿੰਘ", "ਗਣਿਤ"),
    "Gujarati": Sample("gu", "પ્રજ્ઞા શ્રીમાળી", "ગણિત"),
    "Odia": Sample("or", "ଶ୍ରୀମତୀ ପ୍ରତିଭା", "ଗଣିତ"),
    "Tamil": Sample("ta", "ஸ்ரீனிவாசன் கிருஷ்ணன்", "கணிதம்"),
    "Telugu": Sample("te", "శ్రీనివాస్ కృష్ణ", "గణితం"),
    "Kannada": Sample("kn", "ಶ್ರೀನಿವಾಸ ಕೃಷ್ಣ", "ಗಣಿತ"),
    "Malayalam": Sample("ml", "ശ്രീലക്ഷ്മി കൃഷ്ണൻ", "ഗണിതം"),
    "Sinhala": Sample("si", "ශ්‍රී ප්‍රසන්න", "ගණිතය"),
    "Thai": Sample("th", "สมศักดิ์ ตั้งใจ", "คณิตศาสตร์"),
    "Lao": Sample("lo", "ສົມສັກ ແກ້ວ", "ຄະນິດສາດ"),
    "Khmer": Sample("km", "សុខ វណ្ណា", "គណិតវិទ្យា"),
    "Myanmar": Sample("my", "မောင်မောင်ကြည်", "သင်္ချာ"),
    "Arabic": Sample("ar", "محمد عبد الله", "الرياضيات"),
    "Urdu": Sample("ur", "عبدالرحمٰن خان", "ریاضی"),
    "Hebrew": Sample("he", "שָׂרָה כהן", "מתמטיקה"),
    "Ethiopic": Sample("am", "ሰላም ተስፋዬ", "ሂሳብ"),
    "Chinese": Sample("zh-Hans", "王小明", "数学"),
    "Japanese": Sample("ja", "山田 はなこ", "数学"),
    "Korean": Sample("ko", "김민준", "수학"),
    "Mixed": Sample("en", "Prof. प्रार्थना (محمد)", "Mathematics · गणित"),
}
LONG_NAME = "Venkatanarasimharajuvaripeta Raghunathan Subramaniam Iyer"

_DATE = re.compile(r"(?:^d|D)ate|On$|Until$")
_WRITTEN_DATE = "5 March 2026"
_DATE_VALUE = "2026-03-05"


def sample_values(variables: Iterable[str], sample: Sample) -> dict[str, str]:
    """A value for each variable of a template: the sample's where it is a name or a course, else its own name.

    Images are left out.
    """
    values = {name: _value(name) for name in variables}
    said = {"recipientName": sample.name, "courseName": sample.course, "certificateName": sample.course}
    return values | {name: said[name] for name in said if name in values} | {"language": sample.language}


def _value(name: str) -> str:
    if name.endswith("Image") or name == "logo":
        return ""
    if name == "issuanceDate":
        return _DATE_VALUE
    return _WRITTEN_DATE if _DATE.search(name) else name
