"""What the synthetic city, province and nation are made to be: figures with their source."""

import pandas as pd

# ------------------------------------------------------------------ what the city is made to be
DATES = ("2019-12-31", "2020-03-31", "2020-06-30", "2020-09-30", "2020-12-31")
CITY = "116"

# city_units.csv has the twelve units at the end of 2020. size: persons per household; certified:
# workers with a certificate (%); to, ban, tieu_khu: villages by kind; schools: M preschool, T
# primary, C lower secondary, L primary and lower secondary. Radios: the plan has 91 in all. missing
# and untrained: who is still without. Children as the health centre counts them. poor_area:
# households of an extremely difficult village. doctor, criteria: the quarter of 2020 since when the
# health station has one or meets them (0 before, 9 not yet). not_standard: schools below the
# national standard; one more reached it in the quarter `reached`.
LAST_VILLAGE = {"03679": "Bản Hay Phiêng"}  # the one extremely difficult village of the city

# city_moves.csv has the households of each state at the end of 2018 (289 poor and 167 near-poor:
# published by the press; the split by unit is invented) and how many moved, by pair of states, in
# 2019 and in 2020.

# What a department has not sent: the child columns of one commune at two dates.
CITY_GAPS = (
    ("2020-09-30", "03664", "children_under_1"),
    ("2020-09-30", "03664", "children_under_1_vaccinated"),
    ("2020-09-30", "03664", "children_under_5_measured"),
    ("2020-09-30", "03664", "children_under_5_underweight"),
    ("2020-12-31", "03658", "children_under_5_measured"),
    ("2020-12-31", "03658", "children_under_5_underweight"),
)
HISTORY = pd.DataFrame(
    {
        "as_of": ["2016-12-31", "2018-12-31"],
        "unit": CITY,
        "households": pd.array([None, None], dtype="Int64"),
        "poor_households": pd.array([414, 289], dtype="Int64"),
        "near_poor_households": pd.array([247, 167], dtype="Int64"),
        "source": "Báo chí đăng (mekongsean.vn), chỉ một nguồn; không phải số liệu giả lập",
    }
)

# Provinces and nations: published levels of the end of 2018 (Sơn La province 25.42 % poor and
# 11.05 % near-poor, the nation 5.23 % and 4.95 %), and how fast households move.
LARGEST_PROVINCE = 300  # more units than this are a nation
SCALES = pd.DataFrame(
    {
        "households": (1_385, 2_550),
        "size": (4.4, 3.6),
        "poor": (0.2542, 0.0523),
        "near": (0.1105, 0.0495),
        "pace": (0.65, 1.25),
        "uneven": (0.2, 0.6),  # how far apart the parents are
    },
    index=["province", "nation"],
)
MOVE_RATES = {  # share of the households of the first state that move to the second in a year
    "PN": 0.15, "PE": 0.15, "PA": 0.02, "NP": 0.05, "NO": 0.18, "NE": 0.08, "NA": 0.01,
    "EP": 0.03, "EN": 0.04, "EO": 0.30,
}  # fmt: skip
ENTRY_RATES = {"OP": 0.05, "AP": 0.01, "ON": 0.08, "AN": 0.01}  # per poor or near-poor household

# ------------------------------------------------------------------ how households are
STATES = "PNEOA"
POOR, NEAR_POOR, ESCAPED, OUTSIDE, ABSENT = range(5)
STATUSES = (
    "poor_income", "poor_deprivation", "near_poor", "newly_escaped", "not_poor", "absent",
)  # fmt: skip
# Poor by deprivation among the poor at the end of 2018, 2019, 2020: national decisions for 2018
# (136,562 of 1,304,001) and 2020 (44,402 of 761,322); 2019 lies between.
DEPRIVATION_POOR = (0.105, 0.080, 0.058)

# Deprived at the end of 2019, in % of poor households (Kon Tum 2019, decision 1425/QĐ-UBND), of
# near-poor households (the first three: Kon Tum 2019, the rest invented) and of those that left
# (invented); remaining: how much of it there still is at the end of 2020 (invented).
PROFILE = pd.DataFrame.from_dict(
    {
        "deprived_health_care": (2.16, 1.71, 0.5, 0.90),
        "deprived_health_insurance": (6.06, 8.63, 4.0, 0.01),
        "deprived_adult_education": (21.22, 15.29, 6.0, 0.95),
        "deprived_child_schooling": (5.08, 1.50, 0.5, 0.80),
        "deprived_housing_quality": (32.33, 12.00, 5.0, 0.92),
        "deprived_housing_area": (40.64, 14.00, 7.0, 0.95),
        "deprived_water": (22.42, 8.00, 4.0, 0.60),
        "deprived_toilet": (68.48, 25.00, 12.0, 0.90),
        "deprived_telecommunication": (36.48, 10.00, 4.0, 0.85),
        "deprived_information_assets": (25.20, 6.00, 2.0, 0.90),
    },
    orient="index",
    columns=["poor", "near_poor", "left", "remaining"],
)
INSURANCE, ADULTS, SCHOOLING, WATER, TOILET, ASSETS = 1, 2, 3, 6, 7, 9  # positions in PROFILE
# Income scores (B1) of circular 17/2016: urban 140 and 175, rural 120 and 150. First score and
# number of steps of 5 points for poor by income, between the lines, above them.
INCOME_SCORES = {
    "urban": ((60, 17), (145, 7), (180, 20)),
    "rural": ((40, 17), (125, 6), (155, 20)),
}
ETHNIC_MIXES = {
    "inner": {"Kinh": 0.50, "Thái": 0.43, "Mường": 0.04, "Tày": 0.02, "Dao": 0.01},
    "outer": {"Thái": 0.68, "Kinh": 0.22, "Mông": 0.05, "Mường": 0.03, "Xinh Mun": 0.02},
    "rural": {"Thái": 0.81, "Mông": 0.08, "Kinh": 0.05, "Khơ Mú": 0.03, "Xinh Mun": 0.03},
    "upland": {"Thái": 0.64, "Mông": 0.26, "Khơ Mú": 0.05, "La Ha": 0.02, "Lào": 0.03},
    "lowland": {"Kinh": 0.90, "Mường": 0.04, "Tày": 0.03, "Nùng": 0.02, "Thái": 0.01},
}
ETHNIC_GROUPS = sorted({group for mix in ETHNIC_MIXES.values() for group in mix})
HAMLETS = (
    "Bó", "Buổn", "Cá", "Cọ", "Dửn", "Hài", "Hìn", "Hôm", "Hịa", "Kham", "Lầu", "Lun", "Mòng",
    "Muông", "Nà Cạn", "Nà Ngùa", "Nong La", "Nong Đúc", "Noong Luông", "Panh", "Pát", "Phiêng Tam",
    "Púng", "Sẳng", "Tam", "Thé", "Tông",
)  # fmt: skip
SCHOOLS = {  # letter: name, preschool, primary, lower secondary
    "M": ("Trường Mầm non", True, False, False),
    "T": ("Trường Tiểu học", False, True, False),
    "C": ("Trường THCS", False, False, True),
    "L": ("Trường TH&THCS", False, True, True),
}
# Loans and school support reached so far, at each of DATES; the year 2020 begins anew.
LOAN_NEEDED, LOAN_ELIGIBLE = 0.45, 0.88
LOANS_GIVEN = (0.96, 0.30, 0.52, 0.78, 1.00)
PUPILS_SUPPORTED = (0.985, 0.970, 0.990, 0.930, 1.00)
STATE, PROVINCE, CITY_BUDGET, OTHERS = (
    "Ngân sách trung ương", "Ngân sách tỉnh", "Ngân sách thành phố", "Xã hội hóa, huy động khác",
)  # fmt: skip
FUNDING = (  # project, source, million VND per poor or near-poor household, share paid at DATES
    ("Dự án 3 - Hỗ trợ phát triển sản xuất, đa dạng hóa sinh kế, nhân rộng mô hình giảm nghèo",
     STATE, 2.40, (0.99, 0.00, 0.30, 0.62, 0.94)),
    ("Dự án 3 - Hỗ trợ phát triển sản xuất, đa dạng hóa sinh kế, nhân rộng mô hình giảm nghèo",
     CITY_BUDGET, 0.80, (1.00, 0.10, 0.40, 0.70, 1.00)),
    ("Dự án 4 - Truyền thông và giảm nghèo về thông tin",
     STATE, 0.45, (0.97, 0.00, 0.25, 0.60, 0.92)),
    ("Dự án 4 - Truyền thông và giảm nghèo về thông tin",
     OTHERS, 0.15, (1.00, 0.20, 0.50, 0.80, 1.00)),
    ("Dự án 5 - Nâng cao năng lực và giám sát, đánh giá",
     STATE, 0.30, (0.95, 0.05, 0.20, 0.45, 0.81)),
    ("Dự án 5 - Nâng cao năng lực và giám sát, đánh giá",
     PROVINCE, 0.12, (0.98, 0.00, 0.20, 0.50, 0.90)),
    ("Chính sách bảo hiểm y tế cho hộ nghèo, hộ cận nghèo",
     PROVINCE, 2.90, (1.00, 0.25, 0.50, 0.75, 1.00)),
    ("Chính sách miễn giảm học phí, hỗ trợ chi phí học tập",
     PROVINCE, 0.95, (1.00, 0.30, 0.55, 0.70, 1.00)),
    ("Tín dụng ưu đãi (vốn cho vay)", STATE, 9.00, (1.00, 0.28, 0.55, 0.79, 0.97)),
    ("Tín dụng ưu đãi (vốn cho vay)", CITY_BUDGET, 1.60, (1.00, 0.20, 0.45, 0.80, 1.00)),
    ("Hỗ trợ xây dựng nhà tiêu hợp vệ sinh", OTHERS, 0.70, (0.90, 0.05, 0.30, 0.55, 0.83)),
)  # fmt: skip
NOTHING_SPENT = {("03649", *FUNDING[5][:2])}  # one budget line of which nothing is spent
REGISTERS = ("households", "members")  # the large tables: one Parquet file per parent
MADE_UP = " (giả lập)"  # ends the name of every invented station and school
