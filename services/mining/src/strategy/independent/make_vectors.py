"""Writes vectors.json: seeded small cases per strategy plus hand-worked ones.

Run: python3 make_vectors.py        (standard library only, deterministic, < 10 s)
Every hand case states its arithmetic, and its expected numbers are typed in from that arithmetic
(to about 8 digits, or as exact literal expressions): hand() asserts the functions agree.
"""
import json
import math
import random

import strategies as S

OUT = {}
ln = math.log


def group(name, about):
    OUT[name] = {"about": about, "cases": []}
    return OUT[name]["cases"]


def add(cases, name, inp, exp):
    cases.append({"name": name, "input": inp, "expected": exp})


def close(a, b, tol=2e-8):
    if isinstance(a, dict):
        return set(a) >= set(b) and all(close(a[k], b[k], tol) for k in b)
    if isinstance(a, (list, tuple)):
        return len(a) == len(b) and all(close(x, y, tol) for x, y in zip(a, b))
    if isinstance(a, bool) or isinstance(b, bool) or a is None or b is None:
        return a == b
    return abs(a - b) <= tol * max(1.0, abs(b))


def hand(cases, name, inp, exp, typed, arithmetic):
    """typed: the numbers worked by hand (a part of exp is enough); exp: what the functions return."""
    assert close(exp, typed), (name, exp, typed)
    cases.append({"name": name, "hand": True, "input": inp, "expected": exp, "by_hand": typed,
                  "arithmetic": arithmetic})


# ------------------------------------------------------------------------------- random material
def rsoft(r, c, sharp=1.5):
    return S.softmax([r.gauss(0, sharp) for _ in range(c)])


def rsig(r, c):
    return [1.0 / (1.0 + math.exp(-r.gauss(-0.5, 1.5))) for _ in range(c)]


def rbox(r, W=640, H=480):
    w, h = round(r.uniform(8, 200), 2), round(r.uniform(8, 200), 2)
    return [round(r.uniform(0, W - w), 2), round(r.uniform(0, H - h), 2), w, h]


def jitter(r, box, px):
    b = [round(v + r.uniform(-px, px), 2) for v in box]
    return b[:2] + [max(1.0, b[2]), max(1.0, b[3])]


def mix(r, p, amount, kind):
    q = rsoft(r, len(p)) if kind == "softmax" else rsig(r, len(p))
    return [(1 - amount) * a + amount * b for a, b in zip(p, q)]


def rdets(r, n, c, kind="softmax"):
    return [{"probs": rsoft(r, c) if kind == "softmax" else rsig(r, c), "box": rbox(r)} for _ in range(n)]


def rviews(r, dets, nv, kind="softmax", drop=0.15):
    views = []
    for _ in range(nv):
        v = [{"probs": mix(r, d["probs"], r.uniform(0, 0.6), kind), "box": jitter(r, d["box"], r.choice([1, 4, 12]))}
             for d in dets if r.random() > drop]
        if r.random() < 0.4:
            v += rdets(r, 1, len(dets[0]["probs"]) if dets else 3, kind)
        r.shuffle(v)
        views.append(v)
    return views


def rpts(r, n, d, s=1.0):
    return [[r.gauss(0, s) for _ in range(d)] for _ in range(n)]


# ============================================================ 1. least confidence, margin, entropy
def scores_of(p):
    return {"least_confidence": S.least_confidence(p), "margin": S.margin(p),
            "margin_uncertainty": S.margin_uncertainty(p), "margin_1vs2": S.margin_1vs2(p),
            "entropy": S.entropy(p)}


c = group("box_uncertainty", "least confidence 1-max p; margin p1-p2; 1-margin; (1-margin)^2; entropy in nats")
# 1 - .5 = .5; .5 - .3 = .2; 1 - .2 = .8; .8^2 = .64
# .5 ln 2 + .3 ln(10/3) + .2 ln 5 = .34657359 + .36119184 + .32188758 = 1.02965301
hand(c, "hand", {"probs": [0.5, 0.3, 0.2]}, scores_of([0.5, 0.3, 0.2]),
     {"least_confidence": 0.5, "margin": 0.2, "margin_uncertainty": 0.8, "margin_1vs2": 0.64, "entropy": 1.02965301},
     "1-.5=.5; .5-.3=.2; 1-.2=.8; .8^2=.64; .5 ln2+.3 ln(10/3)+.2 ln5 = .34657359+.36119184+.32188758")
hand(c, "hand certain", {"probs": [0.0, 1.0]}, scores_of([0.0, 1.0]),
     {"least_confidence": 0.0, "margin": 1.0, "margin_uncertainty": 0.0, "margin_1vs2": 0.0, "entropy": 0.0},
     "one-hot: all uncertainties 0 (0 ln 0 = 0), margin 1")
hand(c, "hand one class", {"probs": [0.25]}, scores_of([0.25]),
     {"least_confidence": 0.75, "margin": 0.25, "margin_uncertainty": 0.75, "margin_1vs2": 0.5625,
      "entropy": 0.34657359},
     "C=1: second probability counts as 0; -.25 ln .25 = .25*1.38629436 = .34657359 (not a binary entropy)")
r = random.Random(101)
for i in range(10):
    p = rsoft(r, r.choice([2, 3, 5, 8])) if i < 7 else rsig(r, r.choice([2, 3, 5]))
    add(c, "%s %d" % ("softmax" if i < 7 else "sigmoid", i), {"probs": p}, scores_of(p))


def aggs(p_list, k):
    out = {}
    for nm, f in (("least_confidence", S.least_confidence), ("margin_uncertainty", S.margin_uncertainty),
                  ("entropy", S.entropy)):
        v = [f(p) for p in p_list]
        out[nm] = {h: S.aggregate(v, h, k) for h in ("max", "sum", "mean", "topk")}
    return out


c = group("image_aggregation", "max, sum, mean, mean of the k largest of per-box uncertainties; no boxes: 0")
# least confidences .5 .2 .4: max .5, sum 1.1, mean .36666667, top 2 (.5+.4)/2 = .45
# 1-margin: [.5,.5]->1 ; [.8,.2]->.4 ; [.6,.4]->.8 : max 1, sum 2.2, mean .73333333, top2 .9
# entropies .69314718, .50040242, .67301167: sum 1.86656127, mean .62218709, top2 .68307943
P = [[0.5, 0.5], [0.8, 0.2], [0.6, 0.4]]
hand(c, "hand", {"probs": P, "k": 2}, aggs(P, 2),
     {"least_confidence": {"max": .5, "sum": 1.1, "mean": 1.1 / 3, "topk": .45},
      "margin_uncertainty": {"max": 1., "sum": 2.2, "mean": 2.2 / 3, "topk": .9},
      "entropy": {"max": .69314718, "sum": 1.86656127, "mean": .62218709, "topk": .68307943}},
     "1-max: .5 .2 .4; 1-margin: 1 .4 .8; H: .69314718 .50040242 .67301167; sums 1.1 2.2 1.86656127; top2 halves")
add(c, "no boxes", {"probs": [], "k": 3}, aggs([], 3))
add(c, "fewer boxes than k", {"probs": P[:2], "k": 5}, aggs(P[:2], 5))
r = random.Random(102)
for i in range(9):
    pl, k = [rsoft(r, 4) for _ in range(r.randint(1, 9))], r.choice([1, 2, 3])
    add(c, "random %d" % i, {"probs": pl, "k": k}, aggs(pl, k))

# ================================================================== 2. binary entropy
c = group("binary_entropy", "sum over classes of -(p ln p + (1-p) ln(1-p)), nats; per_class: each term; "
                            "own_score: the term of the largest p only (the PPAL authors' code, without its 1e-10)")


def bent(p):
    return {"sum": S.binary_entropy_sum(p), "per_class": [S.binary_entropy(a) for a in p],
            "own_score": S.binary_entropy(max(p)), "own_score_eps1e-10": S.binary_entropy(max(p), 1e-10)}


# h(.9) = .9*.10536052 + .1*2.30258509 = .09482446+.23025851 = .32508297 ; h(.5) = ln 2 = .69314718
hand(c, "hand", {"probs": [0.9, 0.5]}, bent([0.9, 0.5]),
     {"sum": 1.01823015, "per_class": [.32508297, .69314718], "own_score": .32508297},
     "h(.9)=.9*.10536052+.1*2.30258509=.32508297; h(.5)=ln2=.69314718; sum 1.01823015")
hand(c, "hand ends", {"probs": [0.0, 1.0, 0.25]}, bent([0.0, 1.0, 0.25]),
     {"sum": .56233514, "per_class": [0, 0, .56233514], "own_score": 0.0},
     "h(0)=h(1)=0; h(.25)=.25*1.38629436+.75*.28768207=.34657359+.21576155=.56233514")
r = random.Random(201)
for i in range(10):
    p = rsig(r, r.choice([1, 2, 4, 7]))
    add(c, "random %d" % i, {"probs": p}, bent(p))

# ================================================================== 3. CALD
c = group("iou", "IoU of two [x,y,w,h] boxes, continuous")
hand(c, "hand half", {"a": [0, 0, 10, 10], "b": [0, 0, 10, 5]}, {"iou": S.iou_xywh([0, 0, 10, 10], [0, 0, 10, 5])},
     {"iou": .5}, "50/(100+50-50)")
hand(c, "hand third", {"a": [0, 0, 10, 10], "b": [5, 0, 10, 10]}, {"iou": S.iou_xywh([0, 0, 10, 10], [5, 0, 10, 10])},
     {"iou": 1 / 3}, "50/(100+100-50)")
hand(c, "hand touching", {"a": [0, 0, 10, 10], "b": [10, 0, 10, 10]},
     {"iou": S.iou_xywh([0, 0, 10, 10], [10, 0, 10, 10])}, {"iou": 0.0}, "shared edge only: 0")
hand(c, "hand no area", {"a": [0, 0, 0, 0], "b": [0, 0, 0, 0]}, {"iou": S.iou_xywh([0] * 4, [0] * 4)}, {"iou": 0.0},
     "no union: 0 by convention")
r = random.Random(301)
for i in range(10):
    a = rbox(r)
    b = jitter(r, a, 30) if i < 8 else rbox(r)
    add(c, "random %d" % i, {"a": a, "b": b}, {"iou": S.iou_xywh(a, b)})

c = group("js_divergence", "0.5 KL(p||m)+0.5 KL(q||m), nats; normalised: p, q, m each divided by its own sum "
                           "(scipy.stats.entropy, authors' code); raw: vectors as given; base2 = normalised / ln 2")


def jsd(p, q):
    return {"normalised": S.js_divergence(p, q), "raw": S.js_divergence(p, q, normalise=False),
            "base2": S.js_divergence(p, q, base=2.0)}


# m=(.5,.5): .8 ln 1.6 + .2 ln .4 = .37600290 - .18325815 = .19274476, both sides the same
hand(c, "hand", {"p": [.8, .2], "q": [.2, .8]}, jsd([.8, .2], [.2, .8]),
     {"normalised": .19274476, "raw": .19274476, "base2": .19274476 / ln(2)},
     "m=(.5,.5); .8 ln1.6+.2 ln.4 = .37600290-.18325815 = .19274476 on both sides")
hand(c, "hand disjoint", {"p": [1., 0.], "q": [0., 1.]}, jsd([1., 0.], [0., 1.]),
     {"normalised": ln(2), "raw": ln(2), "base2": 1.0}, "0.5 ln 2 + 0.5 ln 2")
# p=(.4,.4) q=(.1,.1): normalised all (.5,.5) -> 0; raw: m=(.25,.25);
# .5*(2*.4 ln 1.6) + .5*(2*.1 ln .4) = .4*.47000363 + .1*(-.91629073) = .18800145-.09162907 = .09637238
hand(c, "hand not normalised", {"p": [.4, .4], "q": [.1, .1]}, jsd([.4, .4], [.1, .1]),
     {"normalised": 0.0, "raw": .09637238, "base2": 0.0},
     "normalised: equal, 0; raw: m=(.25,.25): .4 ln1.6 + .1 ln.4 = .18800145-.09162907 = .09637238")
r = random.Random(302)
for i in range(10):
    n = r.choice([2, 3, 6])
    p, q = (rsoft(r, n), rsoft(r, n)) if i < 5 else (rsig(r, n), rsig(r, n))
    add(c, "%s %d" % ("softmax" if i < 5 else "sigmoid", i), {"p": p, "q": q}, jsd(p, q))

c = group("cald_stage1", "one image: score = mean over views of min(cap 1, min over reference boxes |m-beta|); "
                         "ascending score = picked first; m[view][box]; uncapped: no cap 1; "
                         "js_raw: JS without normalising; js_base2: JS in bits")


def cald(dets, views, beta=1.3):
    e = S.cald_image(dets, views, beta)
    e["score_uncapped"] = S.cald_image(dets, views, beta, cap=None)["score"]
    e["score_js_raw"] = S.cald_image(dets, views, beta, normalise=False)["score"]
    e["score_js_base2"] = S.cald_image(dets, views, beta, base=2.0)["score"]
    return e


D = [{"probs": [.8, .2], "box": [0, 0, 10, 10]}]
V = [[{"probs": [.8, .2], "box": [0, 0, 10, 5]}], [{"probs": [.2, .8], "box": [5, 0, 10, 10]}]]
# view 1: IoU .5, JS 0, m = .5 + .5*1*(.8+.8) = 1.3, |m-1.3| = 0
# view 2: IoU 1/3, JS .19274476, m = .33333333 + .5*.80725524*1.6 = .33333333+.64580419 = .97913752, .32086248
hand(c, "hand", {"dets": D, "views": V, "beta": 1.3}, cald(D, V),
     {"score": .16043124, "per_view": [0.0, .32086248], "m": [[1.3], [.97913752]]},
     "v1: IoU .5, JS 0, m=.5+.5*1.6=1.3 -> 0; v2: IoU 1/3, JS .19274476, m=.33333333+.5*.80725524*1.6=.97913752 "
     "-> .32086248; mean .16043124")
V = [[], [{"probs": [.8, .2], "box": [0, 0, 10, 10]}]]
# empty view: 0; second: IoU 1, m = 1 + .8 = 1.8 -> .5; mean .25
hand(c, "hand empty view", {"dets": D, "views": V, "beta": 1.3}, cald(D, V),
     {"score": .25, "per_view": [0.0, .5], "m": [[], [1.8]]}, "empty view 0; IoU 1, JS 0: m=1.8 -> .5; mean .25")
hand(c, "hand no reference box", {"dets": [], "views": V, "beta": 1.3}, cald([], V), {"score": 0.0},
     "no reference detection: 0")
# cap: box far away (IoU 0, still matched), p=(.06,.04) p'=(.04,.06): normalised (.6,.4) (.4,.6), m=(.5,.5):
# JS = .6 ln 1.2 + .4 ln .8 = .10939293-.08925742 = .02013551 ; m = 0+.5*.97986449*.12 = .05879187 ;
# |.05879187-1.3| = 1.24120813 -> cap 1
D2 = [{"probs": [.06, .04], "box": [0, 0, 10, 10]}]
V2 = [[{"probs": [.04, .06], "box": [100, 100, 10, 10]}]]
hand(c, "hand cap and no overlap", {"dets": D2, "views": V2, "beta": 1.3}, cald(D2, V2),
     {"score": 1.0, "score_uncapped": 1.24120813, "m": [[.05879187]]},
     "IoU 0 but matched to index 0; JS=.6 ln1.2+.4 ln.8=.02013551; m=.5*.97986449*.12=.05879187; "
     "1.24120813 capped to 1")
r = random.Random(303)
for i in range(12):
    kind = "softmax" if i < 7 else "sigmoid"
    d = rdets(r, r.randint(1, 4), r.choice([2, 3, 5]), kind)
    v = rviews(r, d, r.choice([1, 2, 4]), kind)
    if i == 6:
        v[0] = []
    b = 1.3 if i != 5 else 1.1
    add(c, "%s %d" % (kind, i), {"dets": d, "views": v, "beta": b}, cald(d, v, b))

c = group("cald_subsample", "indices of the reference boxes the authors' code keeps (n > 40 only)")
hand(c, "hand small", {"n": 4}, {"indices": S.cald_subsample_indices(4)}, {"indices": [0, 1, 2, 3]}, "n<=40: all")
for n in (40, 41, 50, 99, 300):
    add(c, "n=%d" % n, {"n": n}, {"indices": S.cald_subsample_indices(n)})

c = group("cald_stage2", "picks among candidates (already in stage-1 order) by JS(softmax(mean labelled counts), "
                         "softmax(profile)); profile = mean over looks of the best score per class; "
                         "picks: labelled side fixed (code); picks_update: each pick joins the labelled side")


def st2(profiles, counts, budget):
    e = S.cald_stage2(profiles, counts, budget)
    e["picks_update"] = S.cald_stage2(profiles, counts, budget, update=True)["picks"]
    return e


# labelled mean (1,0): softmax (.73105858,.26894142). A=(1,0): JS 0. B=(0,1): (.26894142,.73105858),
# m=(.5,.5): .73105858 ln 1.46211716 + .26894142 ln .53788284 = .27776899-.16677464... = .11094413
jsB = .7310585786 * ln(1.4621171573) + .2689414214 * ln(.5378828427)
hand(c, "hand", {"profiles": [[1, 0], [0, 1], [0, 0]], "labelled_counts": [[2, 0], [0, 0]], "budget": 2},
     st2([[1, 0], [0, 1], [0, 0]], [[2, 0], [0, 0]], 2), {"picks": [2, 1], "js": [0.0, jsB,
     .5 * (.7310585786 * ln(.7310585786 / .6155292893) + .2689414214 * ln(.2689414214 / .3844707107)
           + .5 * ln(.5 / .6155292893) + .5 * ln(.5 / .3844707107))]},
     "candidate 2 is all zero: first; labelled mean (1,0) -> softmax (.73105858,.26894142); candidate 0 equal: 0; "
     "candidate 1 (.26894142,.73105858), m=(.5,.5): .73105858 ln1.46211716+.26894142 ln.53788284; picked second")
r = random.Random(304)
for i in range(9):
    nc = r.choice([2, 3, 5])
    prof = [[round(r.random(), 4) if r.random() < .7 else 0.0 for _ in range(nc)] for _ in range(r.randint(4, 9))]
    cnt = [[r.randint(0, 4) for _ in range(nc)] for _ in range(r.randint(1, 6))]
    bud = r.randint(2, len(prof))
    add(c, "random %d" % i, {"profiles": prof, "labelled_counts": cnt, "budget": bud}, st2(prof, cnt, bud))

c = group("cald_profile", "class profile of an image: per look the highest score of each class among the boxes of "
                          "that label (label = argmax, score = max p), mean over reference + views")
D3 = [{"probs": [.8, .2], "box": [0, 0, 9, 9]}, {"probs": [.6, .4], "box": [0, 0, 9, 9]}]
V3 = [[{"probs": [.1, .9], "box": [0, 0, 9, 9]}]]
hand(c, "hand", {"dets": D3, "views": V3, "num_classes": 2}, {"profile": S.cald_class_profile(D3, V3, 2)},
     {"profile": [.4, .45]}, "reference (.8,0), view (0,.9): means .4, .45")
r = random.Random(305)
for i in range(8):
    d = rdets(r, r.randint(1, 5), 4, "softmax" if i < 5 else "sigmoid")
    v = rviews(r, d, 3, "softmax" if i < 5 else "sigmoid")
    add(c, "random %d" % i, {"dets": d, "views": v, "num_classes": 4}, {"profile": S.cald_class_profile(d, v, 4)})

c = group("cald_select", "both stages: ascending stage-1 score, first int(1.2*budget), stage 2; picks are image indices")
# two classes, budget 1, int(1.2*1) = 1 kept; budget 2: int(2.4) = 2 kept.
# image 0: view identical, p=(.8,.2): m = 1+.8 = 1.8 -> .5 ; image 1: IoU .5, JS 0: m = 1.3 -> 0 ;
# image 2: IoU 1/3 and JS 0, p=(.2,.8): m = .33333333+.8 = 1.13333333 -> .16666667
# ascending: 1, 2, 0 ; kept 1, 2. labelled counts mean (1,0). profiles: image 1 (.8,0), image 2 (0,.8):
# image 2 differs more from softmax(1,0) -> picked first, then image 1
b0 = [0, 0, 10, 10]
IM = [{"dets": [{"probs": [.8, .2], "box": b0}], "views": [[{"probs": [.8, .2], "box": b0}]]},
      {"dets": [{"probs": [.8, .2], "box": b0}], "views": [[{"probs": [.8, .2], "box": [0, 0, 10, 5]}]]},
      {"dets": [{"probs": [.2, .8], "box": b0}], "views": [[{"probs": [.2, .8], "box": [5, 0, 10, 10]}]]}]
hand(c, "hand", {"images": IM, "labelled_counts": [[1, 0]], "num_classes": 2, "budget": 2, "beta": 1.3, "ratio": 1.2},
     S.cald_select(IM, [[1, 0]], 2, 2), {"scores": [.5, 0.0, 1 / 6], "stage1": [1, 2], "picks": [2, 1]},
     "m = 1.8, 1.3, 1.13333333 -> .5, 0, .16666667; int(2.4)=2 kept: 1, 2; labelled (1,0), profiles (.8,0) and (0,.8): "
     "image 2 is farther, then image 1")
r = random.Random(306)
for i in range(8):
    ims = []
    for _ in range(r.randint(8, 12)):
        d = rdets(r, r.choice([0, 1, 2, 3]), 3) if r.random() < .25 else rdets(r, r.randint(1, 3), 3)
        ims.append({"dets": d, "views": rviews(r, d, 2)})
    cnt = [[r.randint(0, 3) for _ in range(3)] for _ in range(5)]
    bud = r.choice([2, 3, 5])
    e = S.cald_select(ims, cnt, 3, bud)
    add(c, "random %d" % i, {"images": ims, "labelled_counts": cnt, "num_classes": 3, "budget": bud,
                             "beta": 1.3, "ratio": 1.2}, e)

# ================================================================== 4. core-set
c = group("coreset_kcenter", "greedy k-centre, Euclidean; picks are pool indices in order; distances at picking "
                             "(null = first pick with nothing labelled, which is index 0); radius afterwards")
POOL = [[1, 0], [0, 3], [4, 0], [4, 3]]
# from (0,0): 1,3,4,5 -> 3 (5). then min(1,sqrt18)=1, min(3,4)=3, min(4,3)=3 -> tie, index 1. then index 2: min(3,5)=3
hand(c, "hand", {"pool": POOL, "labelled": [[0, 0]], "budget": 3}, S.kcenter_greedy(POOL, [[0, 0]], 3),
     {"picks": [3, 1, 2], "distances": [5, 3, 3], "radius": 1.0},
     "distances 1,3,4,5: pick 3; then 1,3,3: tie, pick 1; then 2 at 3; left over: 1 from (0,0)")
# nothing labelled: 0 first; from (1,0): 0, sqrt10, 3, sqrt18 -> 3
e = S.kcenter_greedy(POOL, [], 2)
# radius after {0,3}: (0,3): min(sqrt10, 4) = sqrt10 ; (4,0): min(3,3) = 3 -> sqrt10
hand(c, "hand nothing labelled", {"pool": POOL, "labelled": [], "budget": 2}, e,
     {"picks": [0, 3], "distances": [None, math.sqrt(18)], "radius": math.sqrt(10)},
     "index 0 by definition; from (1,0): 0, sqrt10, 3, sqrt18 -> pick 3; left (0,3): min(sqrt10,4), (4,0): 3")
DUP = [[0, 0], [0, 0], [2, 0]]
hand(c, "hand duplicates", {"pool": DUP, "labelled": [[0, 0]], "budget": 3}, S.kcenter_greedy(DUP, [[0, 0]], 3),
     {"picks": [2, 0, 1], "distances": [2, 0, 0], "radius": 0.0}, "2 first; then only zero distances: lowest index, "
     "never the same one twice")
r = random.Random(401)
for i in range(10):
    d = r.choice([2, 3, 8])
    pool, lab = rpts(r, r.randint(8, 20), d), rpts(r, r.choice([0, 1, 4]), d)
    bud = r.randint(1, 7)
    add(c, "random %d" % i, {"pool": pool, "labelled": lab, "budget": bud}, S.kcenter_greedy(pool, lab, bud))

# ================================================================== 5. BADGE
c = group("badge_embedding", "(p - onehot(argmax p)) outer h, flattened class-major; image: sum / mean over boxes")


def bemb(ps, hs):
    return {"boxes": [S.badge_embedding(p, h) for p, h in zip(ps, hs)],
            "sum": S.badge_image_embedding(ps, hs), "mean": S.badge_image_embedding(ps, hs, "mean")}


# argmax 0: (.7-1, .3) = (-.3,.3); times (2,-1): -.6 .3 .6 -.3 ; second argmax 1: (.2,-.2) x (1,1): .2 .2 -.2 -.2
hand(c, "hand", {"probs": [[.7, .3], [.2, .8]], "h": [[2, -1], [1, 1]]}, bemb([[.7, .3], [.2, .8]], [[2, -1], [1, 1]]),
     {"boxes": [[-.6, .3, .6, -.3], [.2, .2, -.2, -.2]], "sum": [-.4, .5, .4, -.5], "mean": [-.2, .25, .2, -.25]},
     "(-.3,.3) outer (2,-1) = -.6,.3,.6,-.3; (.2,-.2) outer (1,1); sums and halves")
hand(c, "hand tie", {"probs": [[.5, .5]], "h": [[1, 2]]}, bemb([[.5, .5]], [[1, 2]]),
     {"boxes": [[-.5, -1, .5, 1]]}, "tie: argmax is class 0")
r = random.Random(501)
for i in range(9):
    n, C, d = r.randint(1, 4), r.choice([2, 3, 5]), r.choice([2, 4])
    ps = [rsoft(r, C) for _ in range(n)]
    hs = rpts(r, n, d)
    add(c, "random %d" % i, {"probs": ps, "h": hs}, bemb(ps, hs))

c = group("badge_kmeanspp", "k-means++ seeding with given uniforms; first: max_norm (no number used) or uniform "
                            "(floor(u n)); next: smallest i with cumulative squared distance > u * total")


def kpp(pts, b, us, first):
    e = S.kmeanspp(pts, b, us, first)
    assert e["closest_cdf_gap"] > 1e-6
    return {"picks": e["picks"]}


T = [[0, 0], [3, 0], [0, 4]]
# first: norms 0,3,4 -> 2. squared distances 16, 25, total 41: u=.3 -> 12.3 < 16 -> 0 ; u=.5 -> 20.5 -> 1
hand(c, "hand low", {"points": T, "budget": 2, "uniforms": [.3], "first": "max_norm"}, kpp(T, 2, [.3], "max_norm"),
     {"picks": [2, 0]}, "norms 0,3,4: first 2; squared distances 16,25 of 41; .3*41=12.3 < 16: index 0")
hand(c, "hand high", {"points": T, "budget": 3, "uniforms": [.5, .9], "first": "max_norm"},
     kpp(T, 3, [.5, .9], "max_norm"), {"picks": [2, 1, 0]}, ".5*41=20.5 >= 16: index 1; then only index 0 is left")
hand(c, "hand uniform first", {"points": T, "budget": 2, "uniforms": [.4, .5], "first": "uniform"},
     kpp(T, 2, [.4, .5], "uniform"), {"picks": [1, 2]}, "floor(.4*3)=1; squared distances 9,0,25 of 34: .5*34=17 >= 9: index 2")
r = random.Random(502)
for i in range(10):
    pts = rpts(r, r.randint(5, 15), r.choice([2, 4, 6]))
    b = r.randint(2, 5)
    us = [round(r.random(), 6) for _ in range(b)]
    f = "max_norm" if i % 2 == 0 else "uniform"
    add(c, "random %d %s" % (i, f), {"points": pts, "budget": b, "uniforms": us, "first": f}, kpp(pts, b, us, f))
r = random.Random(503)
for i in range(3):
    ps = [rsoft(r, 3) for _ in range(8)]
    hs = rpts(r, 8, 4)
    pts = [S.badge_embedding(p, h) for p, h in zip(ps, hs)]
    us = [round(r.random(), 6) for _ in range(3)]
    add(c, "badge end to end %d" % i, {"probs": ps, "h": hs, "points": pts, "budget": 4, "uniforms": us,
                                       "first": "max_norm"}, kpp(pts, 4, us, "max_norm"))

# ================================================================== 6. TypiClust
c = group("typicality", "1 / mean Euclidean distance to the K nearest other points (K cut to n-1); paper; "
                        "code: mean SQUARED distance + 1e-5")


def typ(pts, k):
    return {"paper": S.typicality(pts, k), "code": S.typicality(pts, k, squared=True, eps=1e-5)}


LINE = [[0], [1], [3]]
# K=2: (1+3)/2=2, (1+2)/2=1.5, (2+3)/2=2.5 ; squared: 5, 2.5, 6.5
hand(c, "hand K=2", {"points": LINE, "k": 2}, typ(LINE, 2),
     {"paper": [.5, 1 / 1.5, .4], "code": [1 / 5.00001, 1 / 2.50001, 1 / 6.50001]},
     "means 2, 1.5, 2.5; of squares 5, 2.5, 6.5 (+1e-5)")
hand(c, "hand K=1", {"points": LINE, "k": 1}, typ(LINE, 1), {"paper": [1, 1, .5]}, "nearest: 1, 1, 2")
hand(c, "hand K larger than n-1", {"points": LINE, "k": 20}, typ(LINE, 20), {"paper": [.5, 1 / 1.5, .4]}, "as K=2")
r = random.Random(601)
for i in range(10):
    pts = rpts(r, r.choice([6, 12, 25, 30]), r.choice([2, 5]))
    k = 20 if i < 6 else r.choice([1, 3, 5])
    add(c, "random %d" % i, {"points": pts, "k": k}, typ(pts, k))

c = group("typiclust_select", "picks with given cluster ids: clusters of size <= min_size dropped, order (labelled "
                              "count, -size, id), visited in turn; K = max(1, min(20, unlabelled members // 2))")


def tsel(pts, cl, lab, b, ms):
    return {"paper": S.typiclust_select(pts, cl, lab, b, min_size=ms),
            "code": S.typiclust_select(pts, cl, lab, b, min_size=ms, squared=True, eps=1e-5)}


# cluster 0: 0,1,3 (index 0 labelled), cluster 1: 10,11,13,14.5 ; order: 1 (0 labelled) then 0 (1 labelled)
# cluster 1, K=2: 10:(1+3)/2=2; 11:(1+2)/2=1.5; 13:(2+1.5)/2=1.75; 14.5:(1.5+3.5)/2=2.5 -> index 4 (11)
# squares: 5; 2.5; (4+2.25)/2=3.125; (2.25+12.25)/2=7.25 -> the same. cluster 0: {1,3}: K=1: tie 2,2 -> index 1
PTS, CL = [[0], [1], [3], [10], [11], [13], [14.5]], [0, 0, 0, 1, 1, 1, 1]
hand(c, "hand", {"points": PTS, "clusters": CL, "labelled": [0], "budget": 2, "min_size": 0}, tsel(PTS, CL, [0], 2, 0),
     {"paper": [4, 1], "code": [4, 1]}, "cluster 1 first (nothing labelled): K=2 means 2,1.5,1.75,2.5 -> index 4; "
     "cluster 0: two left, K=1, tie -> index 1")
r = random.Random(602)
for i in range(9):
    n, kc = r.randint(24, 36), r.choice([2, 3, 4])
    cen = rpts(r, kc, 3, 5.0)
    cl = [r.randrange(kc) for _ in range(n)]
    pts = [[a + r.gauss(0, 1) for a in cen[k]] for k in cl]
    lab = sorted(r.sample(range(n), r.choice([0, 2, 4])))
    b = r.randint(2, 6)
    add(c, "random %d" % i, {"points": pts, "clusters": cl, "labelled": lab, "budget": b, "min_size": 5},
        tsel(pts, cl, lab, b, 5))

# ================================================================== 7. PPAL
c = group("ppal_class_weights", "w = 1 + alpha beta ln((e^(1/alpha) - 1) d + 1); d = 1 - class quality in [0,1]")
# alpha .3: e^(10/3) = 28.03162489, gamma 27.03162489; d=.5: 14.51581245, ln = 2.67523836, *.06 = .16051430
hand(c, "hand", {"difficulty": [0, 1, .5], "alpha": .3, "beta": .2}, {"weights": S.ppal_class_weights([0, 1, .5])},
     {"weights": [1, 1.2, 1 + .06 * ln(.5 * (math.exp(10 / 3) - 1) + 1)]},
     "gamma=e^(10/3)-1=27.0316; d=0: ln1=0; d=1: ln e^(10/3)=10/3, .06*10/3=.2; d=.5: .06 ln(14.5158)=.1605")
r = random.Random(701)
for i in range(10):
    d = [round(r.random(), 6) for _ in range(r.randint(1, 6))]
    a, b = (.3, .2) if i < 6 else (round(r.uniform(.1, 1), 3), round(r.uniform(.1, 1), 3))
    add(c, "random %d" % i, {"difficulty": d, "alpha": a, "beta": b}, {"weights": S.ppal_class_weights(d, a, b)})

c = group("ppal_quality", "class quality moving average: steps of {class: [[p, IoU]...]}; q = p^.6 IoU^.4; "
                          "avg = sum q/(n+1e-5), absent class 0; Q <- m Q + (1-m) avg; m <- .999 if avg>0 else .999 m")


def qual(steps, C):
    q, m = [0.0] * C, [0.999] * C
    for st in steps:
        q, m = S.ppal_update_quality(q, m, [[S.ppal_box_quality(p, i) for p, i in st[k]] for k in range(C)])
    return {"quality": q, "momentum": m, "difficulty": [1 - a for a in q], "weights": S.ppal_class_weights([1 - a for a in q])}


# one class, one box p=IoU=.5: q=.5; avg=.5/1.00001=.499995; Q=.001*.499995=.000499995; class 1 absent: Q 0, m .998001
ST = [[[[.5, .5]], []]]
hand(c, "hand", {"steps": ST, "num_classes": 2}, qual(ST, 2),
     {"quality": [.001 * .5 / 1.00001, 0.0], "momentum": [.999, .998001]},
     "q=.5^.6*.5^.4=.5; avg=.5/1.00001; Q=.001*avg; absent class: Q=0, m=.999^2")
r = random.Random(702)
for i in range(6):
    C = 3
    steps = [[[[round(r.uniform(.05, 1), 4), round(r.uniform(.2, 1), 4)] for _ in range(r.choice([0, 1, 2, 3]))]
              for _ in range(C)] for _ in range(r.randint(1, 6))]
    add(c, "random %d" % i, {"steps": steps, "num_classes": C}, qual(steps, C))

c = group("ppal_image_uncertainty", "sum over boxes with score >= score_thr of w[label] u; own_score: u = binary "
                                    "entropy of the top probability (code); all_classes: summed binary entropies "
                                    "(brief); softmax: -sum p ln p; own_score_boxfilter: also the code's box filter")


def punc(dets, w, thr, size):
    return {"own_score": S.ppal_image_uncertainty(dets, w, "own_score", thr),
            "all_classes": S.ppal_image_uncertainty(dets, w, "all_classes", thr),
            "softmax": S.ppal_image_uncertainty(dets, w, "softmax", thr),
            "own_score_boxfilter": S.ppal_image_uncertainty(dets, w, "own_score", thr, size)}


PD = [{"probs": [.9, .05], "box": [0, 0, 40, 40]}, {"probs": [.2, .5], "box": [0, 0, 40, 4]},
      {"probs": [.04, .01], "box": [0, 0, 40, 40]}]
# own: 1*h(.9) + 1.2*h(.5) = .32508297 + .83177662 = 1.15685959 (third box: .04 < .05)
# all: h(.9)+h(.05) = .32508297+.19851524 = .52359821 ; 1.2*(h(.2)+h(.5)) = 1.2*(.50040242+.69314718)=1.43225953
# softmax: -.9ln.9-.05ln.05 = .09482446+.14978661=.24461108 ; 1.2*(.32188758+.34657359)=.80215340
# box filter: 40x4: sqrt(160)=12.6 <= 16: out -> .32508297
hand(c, "hand", {"dets": PD, "weights": [1.0, 1.2], "score_thr": .05, "image_size": [640, 480]},
     punc(PD, [1., 1.2], .05, (640, 480)),
     {"own_score": 1.15685959, "all_classes": 1.95585774, "softmax": 1.04676448, "own_score_boxfilter": .32508297},
     "h(.9)=.32508297, 1.2 h(.5)=.83177662, third box below .05; all: .52359821+1.2*1.19354960; "
     "filter: sqrt(40*4)=12.6<=16 drops box 2")
r = random.Random(703)
for i in range(10):
    C = r.choice([2, 4])
    d = rdets(r, r.randint(1, 6), C, "sigmoid" if i < 7 else "softmax")
    if i in (2, 8):
        d.append({"probs": [round(r.uniform(.001, .049), 4) for _ in range(C)], "box": rbox(r)})
    w = S.ppal_class_weights([round(r.random(), 4) for _ in range(C)])
    add(c, "random %d" % i, {"dets": d, "weights": w, "score_thr": .05, "image_size": [640, 480]},
        punc(d, w, .05, (640, 480)))

c = group("ppal_ccms", "category-conditioned matching similarity of two images' boxes {label, score, feature}; "
                       "similarity: box without its class in the other image counts 0 (paper, second hand); "
                       "similarity_minus1: counts -1; distance_code: authors' code (threshold .05, +1e-5, bug left out)")


def ccms(a, b):
    return {"similarity": S.ccms_similarity(a, b), "similarity_minus1": S.ccms_similarity(a, b, -1.0),
            "a_to_b": S.ccms_directional(a, b), "b_to_a": S.ccms_directional(b, a),
            "distance_code": S.ccms_distance_code(a, b)}


A = [{"label": 0, "score": 1.0, "feature": [1, 0]}]
B = [{"label": 0, "score": .5, "feature": [3, 4]}, {"label": 1, "score": .5, "feature": [0, 1]}]
# cos = 3/5 = .6 ; a->b .6 ; b->a (.5*.6+.5*0)/1 = .3 -> .45 ; with -1: (.3-.5) = -.2 -> .2
# distance: a->b .4/1.00001 ; b->a (.5*.4+.5*2)/1.00001 = 1.2/1.00001 ; half of 1.6/1.00001
hand(c, "hand", {"a": A, "b": B}, ccms(A, B),
     {"similarity": .45, "similarity_minus1": .2, "a_to_b": .6, "b_to_a": .3, "distance_code": .8 / 1.00001},
     "cos 3/5; a->b .6; b->a (.5*.6+.5*0)=.3 -> .45; with -1: -.2 -> .2; distances .4 and 1.2 over 1.00001 -> .8/1.00001")
r = random.Random(704)
for i in range(10):
    def side():
        return [{"label": r.randrange(3), "score": round(r.uniform(.06, 1), 4), "feature": rpts(r, 1, 4)[0]}
                for _ in range(r.randint(1, 5))]
    a, b = side(), side()
    add(c, "random %d" % i, {"a": a, "b": b}, ccms(a, b))

c = group("ppal_diversity", "distance matrix -> greedy k-centre from `first` (init), then k-medoids (picks, centre order)")
X = [0, 1, 10, 11]
DM = [[abs(a - b) for b in X] for a in X]
hand(c, "hand", {"distance": DM, "k": 2, "first": 0}, S.ppal_diversity(DM, 2, 0), {"init": [0, 3], "picks": [0, 2]},
     "farthest from 0 is 3 (11); clusters {0,1},{2,3}: medoid ties -> lowest: 0 and 2")
r = random.Random(705)
for i in range(8):
    pts = rpts(r, r.randint(6, 12), 3)
    dm = [[S.euclidean(a, b) for b in pts] for a in pts]
    k, f = r.randint(2, 4), r.randrange(len(pts))
    add(c, "random %d" % i, {"distance": dm, "k": k, "first": f}, S.ppal_diversity(dm, k, f))

# ================================================================== 8. BALD and variance
c = group("bald_variance", "looks of one object [[p_1..p_C]...]: mutual information H(mean)-mean H (nats), its sigmoid "
                           "form, population variance per class and sum/mean/max/mean_std")


def bv(looks):
    return {"bald": S.bald(looks), "bald_sigmoid": S.bald_sigmoid(looks), "variance": S.look_variance(looks),
            "variance_scores": S.look_variance_scores(looks)}


# mean (.7,.3): H = .7*.35667494+.3*1.20397280 = .24967246+.36119184 = .61086430
# mean H = (.32508297+.69314718)/2 = .50911508 ; MI .10174922 ; deviations +-.2: .04 each
L = [[.9, .1], [.5, .5]]
hand(c, "hand", {"looks": L}, bv(L),
     {"bald": .10174923, "bald_sigmoid": .20349845, "variance": [.04, .04],
      "variance_scores": {"sum": .08, "mean": .04, "max": .04, "mean_std": .2}},
     "H(.7,.3)=.61086430; (H(.9,.1)+H(.5,.5))/2=.50911508; difference .10174923; sigmoid: twice; (.2)^2")
L = [[1., 0.], [0., 1.]]
hand(c, "hand disagreement", {"looks": L}, bv(L), {"bald": ln(2), "variance": [.25, .25]}, "ln 2 - 0; .5^2")
L = [[.3, .7]] * 3
hand(c, "hand agreement", {"looks": L}, bv(L), {"bald": 0.0, "bald_sigmoid": 0.0, "variance": [0, 0]}, "equal looks: 0")
r = random.Random(801)
for i in range(10):
    n, C = r.choice([2, 3, 5, 8]), r.choice([2, 3, 6])
    lk = [rsoft(r, C) for _ in range(n)] if i < 6 else [rsig(r, C) for _ in range(n)]
    add(c, "%s %d" % ("softmax" if i < 6 else "sigmoid", i), {"looks": lk}, bv(lk))

c = group("bald_image", "looks of each reference box: itself, then each view's best-IoU box if IoU >= iou_min; "
                        "bald, summed class variance per box; aggregated max, sum, mean over boxes")


def bimg(dets, views, im):
    lk = [S.collect_looks(d, views, im) for d in dets]
    mi, va = [S.bald(x) for x in lk], [S.look_variance_scores(x)["sum"] for x in lk]
    return {"looks_per_box": [len(x) for x in lk], "bald": mi, "variance_sum": va,
            "bald_agg": {h: S.aggregate(mi, h) for h in ("max", "sum", "mean")},
            "variance_agg": {h: S.aggregate(va, h) for h in ("max", "sum", "mean")}}


D4 = [{"probs": [.9, .1], "box": [0, 0, 10, 10]}]
V4 = [[{"probs": [.5, .5], "box": [0, 0, 10, 5]}], [{"probs": [0., 1.], "box": [5, 0, 10, 10]}], []]
hand(c, "hand", {"dets": D4, "views": V4, "iou_min": .5}, bimg(D4, V4, .5),
     {"looks_per_box": [2], "bald": [.10174923], "variance_sum": [.08]},
     "view 1 IoU .5 kept, view 2 IoU 1/3 left out, view 3 empty; then as bald_variance/hand")
r = random.Random(802)
for i in range(8):
    d = rdets(r, r.randint(1, 4), 3)
    v = rviews(r, d, 3)
    add(c, "random %d" % i, {"dets": d, "views": v, "iou_min": .5}, bimg(d, v, .5))

# ================================================================== 9. localized divergence
c = group("localized_divergence", "K maps of H rows x W of object probabilities; pixel = sum_k [h(mean p) - mean h(p)] over "
                                  "the (2r+1)^2 window cut to the image, h binary entropy in nats; image: maximum of each "
                                  "size x size square, sum and mean over squares; mean_code: the authors' scipy line")


def loc(maps, rad, size):
    e = {"pixels": S.localized_divergence(maps, rad)}
    e.update(S.localized_divergence_image(maps, rad, size))
    e["sum_eps1e-12"] = S.localized_divergence_image(maps, rad, size, 1e-12)["sum"]
    return e


# both pixels see {.9,.5}: h(.7) - (h(.9)+h(.5))/2 = .61086430-.50911508 = .10174923
hand(c, "hand", {"maps": [[[.9, .5]]], "radius": 1, "size": 2}, loc([[[.9, .5]]], 1, 2),
     {"pixels": [[.10174923, .10174923]], "sum": .10174923, "mean": .10174923},
     "window {.9,.5} for both pixels: h(.7)-(h(.9)+h(.5))/2; one square")
# row 0,0,1,1, radius 1: windows {0,0} {0,0,1} {0,1,1} {1,1}: 0, h(1/3), h(1/3), 0 with h(1/3)=.63651417
# squares of 2: max(0,h)=h, max(h,0)=h ; sum 1.27302834, mean .63651417
hand(c, "hand edge", {"maps": [[[0., 0., 1., 1.]]], "radius": 1, "size": 2}, loc([[[0., 0., 1., 1.]]], 1, 2),
     {"pixels": [[0, .63651417, .63651417, 0]], "sum": 1.27302834, "mean": .63651417},
     "windows {0,0} {0,0,1} {0,1,1} {1,1}; h(1/3)=ln3-(2/3)ln2=.63651417; two squares")
# two maps add: the same map twice doubles it
hand(c, "hand two maps", {"maps": [[[.9, .5]], [[.9, .5]]], "radius": 1, "size": 1}, loc([[[.9, .5]]] * 2, 1, 1),
     {"pixels": [[.20349845, .20349845]], "sum": .40699691, "mean": .20349845}, "doubled; squares of one pixel")
r = random.Random(901)
for i in range(10):
    H, W, K = r.randint(3, 8), r.randint(3, 8), r.choice([1, 1, 2, 3])
    maps = [[[round(v, 6) for v in rsig(r, W)] for _ in range(H)] for _ in range(K)]
    rad, size = r.choice([1, 2, 4]), r.choice([2, 3, 4])
    add(c, "random %d" % i, {"maps": maps, "radius": rad, "size": size}, loc(maps, rad, size))

# ================================================================== 10. nearest neighbours
c = group("nearest_neighbours", "k nearest of `points` to `query`, Euclidean, ascending, ties: lowest index")


def nn(q, pts, k):
    x = S.nearest_neighbours(q, pts, k)
    return {"indices": [i for i, _ in x], "distances": [d for _, d in x]}


Q = [[3, 4], [0, 1], [1, 0], [6, 8]]
hand(c, "hand", {"query": [0, 0], "points": Q, "k": 3}, nn([0, 0], Q, 3), {"indices": [1, 2, 0], "distances": [1, 1, 5]},
     "distances 5,1,1,10; the tie 1,2 in index order")
r = random.Random(1001)
for i in range(10):
    d = r.choice([1, 3, 6])
    pts = rpts(r, r.randint(4, 15), d)
    q, k = rpts(r, 1, d)[0], r.randint(1, 6)
    add(c, "random %d" % i, {"query": q, "points": pts, "k": k}, nn(q, pts, k))

# ==================================================================== second part: 11. BADGE's picks
def shaken(r, v, size=1e-10):
    """The same nested numbers, each moved by up to `size` (integers stay)."""
    if isinstance(v, list):
        return [shaken(r, a, size) for a in v]
    return v + r.uniform(-size, size) if isinstance(v, float) else v


def steady(r, f, make, tries=400):
    """The first of make()'s inputs on which f's result stays the same when the numbers are shaken: no seeded case
    then hangs on the last digits of a sum."""
    for _ in range(tries):
        x = make()
        y = f(x)
        if all(f({k: (shaken(r, v) if k in SHAKE else v) for k, v in x.items()}) == y for _ in range(4)):
            return x
    raise AssertionError("no steady case")


SHAKE = {"points", "probs_per_image", "embeddings"}

c = group("badge_picks", "one p and one embedding per image: gradient (p - onehot(argmax p)) outer h, first the longest "
                         "gradient, then k-means++ draws: pick t (t >= 1) takes uniforms[t-1], the first index whose "
                         "cumulative squared distance > u * total; distances: Euclidean, to the nearest earlier pick at "
                         "picking (null for the first); picks_uniform_first: the paper's uniform first pick, floor(u n) "
                         "with uniforms[0], pick t takes uniforms[t]")


def bpick(x):
    a = S.badge_picks(x["probs_per_image"], x["embeddings"], x["budget"], x["uniforms"])
    b = S.badge_picks(x["probs_per_image"], x["embeddings"], x["budget"], x["uniforms"], "uniform")
    return a, b


def bexp(x, gap=1e-6):
    a, b = bpick(x)
    assert min(a["closest_cdf_gap"], b["closest_cdf_gap"]) > gap
    return {"picks": a["picks"], "distances": a["distances"], "norms": a["norms"], "picks_uniform_first": b["picks"]}


# two classes: g = (-(1-p), 1-p) h or its opposite. 0: (.9,.1) h 10: (-1,1). 1: (.5,.5), argmax 0, h 4: (-2,2).
# 2: (.2,.8) h 5: (.2,-.2)*5 = (1,-1). 3: (1,0): 0. Norms sqrt2, sqrt8, sqrt2, 0: first 1.
# squared distances to 1: 2, -, 18, 8; total 28; .5*28 = 14: cumulative 2,2,20,28 -> 2, distance sqrt18.
# then nearest of 1, 2: 0: min(2,8)=2; 3: min(8,2)=2; total 4; .6*4 = 2.4: 2,2,2,4 -> 3, distance sqrt2. Left: 0, sqrt2.
# uniform first: floor(.5*4) = 2. To 2: 8, 18, -, 2; total 28; .6*28=16.8: 8,26 -> 1. Then 0: 2, 3: min(2,8)=2; total 4;
# .1*4=.4 < 2 -> 0. Then only 3: min(2, 8, 2) = 2 -> 3.
X = {"probs_per_image": [[.9, .1], [.5, .5], [.2, .8], [1., 0.]], "embeddings": [[10], [4], [5], [7]], "budget": 4,
     "uniforms": [.5, .6, .1, .3]}
hand(c, "hand", X, bexp(X), {"picks": [1, 2, 3, 0], "distances": [None, 18 ** .5, 2 ** .5, 2 ** .5],
                             "norms": [2 ** .5, 8 ** .5, 2 ** .5, 0], "picks_uniform_first": [2, 1, 0, 3]},
     "gradients (-1,1), (-2,2), (1,-1), 0; first the longest, 1; squared distances 2,0,18,8 of 28: u=.5 -> 14 -> index 2; "
     "then 2,0,0,2 of 4: u=.6 -> 2.4 -> index 3; then index 0. uniform first: floor(.5*4)=2; 8,18,0,2 of 28: .6 -> 16.8 "
     "-> 1; 2,0,0,2: .1 -> 0; then 3")
# no uncertainty at all: every gradient 0: first index 0 (tie), then nothing to draw by: lowest index left. OUR choice.
X = {"probs_per_image": [[1., 0.], [0., 1.], [1., 0.]], "embeddings": [[1, 2], [3, 4], [5, 6]], "budget": 3,
     "uniforms": [.9, .9, .9]}
hand(c, "hand all gradients zero (our choice)", X, bexp(X, -1),
     {"picks": [0, 1, 2], "distances": [None, 0, 0], "norms": [0, 0, 0], "picks_uniform_first": [2, 0, 1]},
     "all weights 0: the lowest index left, our choice (the authors' code stops there); uniform first: floor(.9*3)=2")
r = random.Random(1101)
for i in range(10):
    def make():
        n, C, d = r.randint(6, 30), r.randint(2, 6), r.randint(2, 8)
        b = n if i in (3, 7) else r.randint(2, n)
        return {"probs_per_image": [[round(a, 8) for a in rsoft(r, C)] for _ in range(n)],
                "embeddings": [[round(a, 6) for a in v] for v in rpts(r, n, d)], "budget": b,
                "uniforms": [round(r.random(), 6) for _ in range(b)]}
    x = steady(r, lambda x: [z["picks"] for z in bpick(x)], make)
    add(c, "random %d" % i, x, bexp(x))

# ================================================================ 12. TypiClust's picks
c = group("typiclust_picks", "given clusters, points and labelled: order (labelled count, -size, id), gone round in turn; the "
                             "unlabelled member of least mean distance to its K neighbours. picks: the authors' code; the "
                             "other keys: other readings, see README; order, order_no_min_size: the clusters' order")
READINGS = {
    "picks": {},                                                       # deep-al/pycls/al/typiclust.py
    "picks_no_min_size": {"min_size": 0},                              # the code without MIN_CLUSTER_SIZE
    "picks_first_version": {"left_min": 5},                            # pycls/al/typiclust.py at 06dff0a
    "picks_euclidean": {"squared": False},                             # the code with eq. 4's distance
    "picks_euclidean_no_min_size": {"squared": False, "min_size": 0},
    # paper, from memory: eq. 4, K = min(20, members), neighbours among ALL members of the cluster
    "picks_paper": {"squared": False, "min_size": 0, "pool": "members", "k_rule": "all"},
    "picks_paper_min_size": {"squared": False, "pool": "members", "k_rule": "all"},
    # the same among the unlabelled, unpicked members only
    "picks_paper_left": {"squared": False, "min_size": 0, "pool": "left", "k_rule": "all"},
    # eq. 4 without its cluster: neighbours among all points
    "picks_paper_global": {"squared": False, "min_size": 0, "pool": "all", "k_rule": "all"},
    # Algorithm 1's "uncovered" asked anew before each pick
    "picks_paper_resorted": {"squared": False, "min_size": 0, "pool": "members", "k_rule": "all", "resort": True},
}


def tpick(x):
    e = {k: S.typiclust_picks(x["points"], x["clusters"], x["labelled"], x["budget"], x["max_neighbours"], **o)
         for k, o in READINGS.items()}
    e["order"] = S.typiclust_cluster_order(x["clusters"], x["labelled"], 5)
    e["order_no_min_size"] = S.typiclust_cluster_order(x["clusters"], x["labelled"], 0)
    return e


# cluster 0: .5 1 3 4 7 11 15 (.5 and 15 labelled), cluster 1: 20 22 23 (size 3 <= 5). K at most 2.
# code: cluster 0 alone. left 1 3 4 7 11, K=2, squares: 1: 4,9; 3: 1,4 = 2.5; 4: 1,9; 7: 9,16; 11: 16,49 -> 3 (index 2)
#   left 1 4 7 11, K=2: 9,36; 9,9 = 9; 9,16; 16,49 -> 4 (index 3). left 1 7 11, K=1: 36, 16, 16 -> 7 (index 4)
# first version: 5 left -> index 2; 4 left < 5 -> passed over, nothing else: [2] (that code would loop for ever)
# euclidean: 2.5, 1.5, 2, 3.5, 5.5 -> 2; 4.5, 3, 3.5, 5.5 -> 3; 6, 4, 4 -> 4
# no min size: order 1 (none labelled), 0 (two). cluster 1, K=1: 2, 1, 1 -> 22 (index 8); cluster 0 -> index 2;
#   cluster 1: 20 and 23, K=1: tie -> 20 (index 7)
# paper: cluster 1, K=2: 20: (2+3)/2, 22: (2+1)/2 = 1.5, 23: (1+3)/2 -> 8; cluster 0 among all: 1: (.5+2)/2 = 1.25,
#   3: (1+2)/2, 4: (1+3)/2 -> index 1; cluster 1 among all: 20: 2.5, 23: 2 -> index 9
# paper with min size: 1; then 3: 1.5 -> 2; then 4: 2, 7: 3.5 -> 3
# paper left: 8; left 1 3 4 7 11: 3 = 1.5 -> 2; 20 and 23 tie -> 7
# global: no nearer neighbour outside the cluster (15 is 5 from 20): as paper
# resorted: 8; counts 1 against 2: cluster 1 again: 9; 2 against 2: the larger, cluster 0: index 1
X = {"points": [[.5], [1], [3], [4], [7], [11], [15], [20], [22], [23]], "clusters": [0] * 7 + [1] * 3, "labelled": [0, 6],
     "budget": 3, "max_neighbours": 2}
hand(c, "hand", X, tpick(X),
     {"picks": [2, 3, 4], "picks_no_min_size": [8, 2, 7], "picks_first_version": [2], "picks_euclidean": [2, 3, 4],
      "picks_euclidean_no_min_size": [8, 2, 7], "picks_paper": [8, 1, 9], "picks_paper_min_size": [1, 2, 3],
      "picks_paper_left": [8, 2, 7], "picks_paper_global": [8, 1, 9], "picks_paper_resorted": [8, 9, 1],
      "order": [0], "order_no_min_size": [1, 0]},
     "K=2; code: cluster 1 (3 members) dropped; squares of 3: (1+4)/2=2.5 least; then 4: (9+9)/2; then 7 and 11 tie with K=1. "
     "No min size: cluster 1 first, 22 (K=1), then 3, then 20 and 23 tie. Paper, all members: 22 (1.5), 1 (1.25, its "
     "labelled neighbour .5 counts), 23 (2)")
# squared or not: one cluster of 8, K = min(3, 8//2) = 3. A = (0,0): neighbours at 1.9, 1.9, 1.9: mean 1.9, squares 3.61.
#   B = (100,0): 1, 1, 3.4: mean 1.8, squares (1+1+11.56)/3 = 4.52. The others: (0,1.9), (0,-1.9): 1.9, 2.687, 3.8, mean
#   2.796, squares 8.42; (-1.9,0): 1.9, 2.687, 2.687; (100,1), (100,-1): 1, 2, 3.544, mean 2.181, squares 5.85; (103.4,0):
#   3.4, 3.544, 3.544. So squared: A (index 0), Euclidean: B (index 4).
X = {"points": [[0, 0], [0, 1.9], [0, -1.9], [-1.9, 0], [100, 0], [100, 1], [100, -1], [103.4, 0]], "clusters": [0] * 8,
     "labelled": [], "budget": 1, "max_neighbours": 3}
hand(c, "hand squared or not", X, tpick(X), {"picks": [0], "picks_euclidean": [4], "picks_paper": [4], "order": [0]},
     "mean of squares: 1.9^2 = 3.61 for (0,0), (1+1+3.4^2)/3 = 4.52 for (100,0); mean: 1.9 and 5.4/3 = 1.8")
# one cluster of three only: dropped by the code's rule: nothing to pick (its code would divide by 0). OUR choice: [].
X = {"points": [[0], [1], [3]], "clusters": [0, 0, 0], "labelled": [], "budget": 1, "max_neighbours": 20}
hand(c, "hand all clusters small (our choice)", X, tpick(X),
     {"picks": [], "picks_no_min_size": [0], "picks_euclidean_no_min_size": [0], "picks_paper": [1], "order": [],
      "order_no_min_size": [0]},
     "K = 3//2 = 1: distances 1, 1, 2: tie -> 0; K = 2 (paper): 2, 1.5, 2.5 -> 1; with the rule of 5 nothing is left: []")
r = random.Random(1201)
for i in range(10):
    def make():
        if i == 0:                                    # more than 40 in a cluster: the 20 counts
            sizes = [46, 9, 3]
        elif i == 1:
            sizes = [44, 43]
        else:
            sizes = [r.randint(6, 13) for _ in range(r.randint(2, 3))] + [r.randint(2, 5) for _ in range(r.randint(1, 2))]
        cl = [k for k, s in enumerate(sizes) for _ in range(s)]
        r.shuffle(cl)
        cen = rpts(r, len(sizes), 2, 3.0)
        pts = [[round(a + r.gauss(0, 1), 4) for a in cen[k]] for k in cl]
        return {"points": pts, "clusters": cl, "labelled": sorted(r.sample(range(len(cl)), r.choice([0, 1, 3, 5]))),
                "budget": r.randint(3, 9), "max_neighbours": 20 if i < 7 else r.choice([1, 3, 5])}
    x = steady(r, tpick, make)
    add(c, "random %d" % i, x, tpick(x))

# ============================================================== 13. PPAL's difficulties
c = group("ppal_difficulty", "difficulty of each class (from 1) after batches of {label, p, iou}: box quality p^xi iou^(1-xi). "
                             "difficulty, momentum, after_each: the authors' code (absent class decays towards 1, momentum "
                             "of its own, n + 1e-5); difficulty_no_eps: n; difficulty_paper, momentum_paper: absent class "
                             "kept; difficulty_plain: one fixed momentum, absent class kept")


def pdiff(x):
    a, b, p, f = (S.ppal_difficulties(x["batches"], x["num_classes"], x["momentum"], x["xi"], k)
                  for k in ("code", "no_eps", "paper", "plain"))
    return {"difficulty": a["difficulty"], "momentum": a["momentum"], "after_each": a["after_each"],
            "difficulty_no_eps": b["difficulty"], "difficulty_paper": p["difficulty"], "momentum_paper": p["momentum"],
            "difficulty_plain": f["difficulty"]}


# momentum .9; class 0 seen in batch 1 and 3 with q = .5^.6 .5^.4 = .5, class 1 never.
# code: Q = .1 a, a = .5/1.00001; batch 2: .09 a, m = .81; batch 3: .81*.09 a + .19 a = .2629 a; m = .9. class 1: 1, m .9^4
# paper: .9+.05 = .95; kept, m = .81; .81*.95+.19*.5 = .8645. plain: .95; .95; .9*.95+.05 = .905
B = {"label": 0, "p": .5, "iou": .5}
X = {"batches": [[B], [], [B]], "num_classes": 2, "momentum": .9, "xi": .6}
hand(c, "hand", X, pdiff(X),
     {"difficulty": [1 - .2629 * .5 / 1.00001, 1], "momentum": [.9, .6561],
      "after_each": [[1 - .1 * .5 / 1.00001, 1], [1 - .09 * .5 / 1.00001, 1], [1 - .2629 * .5 / 1.00001, 1]],
      "difficulty_no_eps": [.86855, 1], "difficulty_paper": [.8645, 1], "momentum_paper": [.9, .6561],
      "difficulty_plain": [.905, 1]},
     "q=.5; code: Q=.1a, .09a (m .81), .81*.09a+.19a=.2629a with a=.5/1.00001; paper: .95, .95, .81*.95+.19*.5=.8645; "
     "plain: .95, .95, .9*.95+.1*.5=.905; class 1 never there: 1, m=.9^4")
# a class there with IoU 0: q = 0. code: average 0 counts as absent, m = .5*.5 = .25; then q = 1 (p=IoU=1): Q = .75/1.00001
# paper: there: d = .5*1+.5*1 = 1, m = .5; then d = .5*1+.5*0 = .5
X = {"batches": [[{"label": 0, "p": .8, "iou": 0.}], [{"label": 0, "p": 1., "iou": 1.}]], "num_classes": 1, "momentum": .5,
     "xi": .6}
hand(c, "hand quality zero", X, pdiff(X),
     {"difficulty": [1 - .75 / 1.00001], "momentum": [.5], "difficulty_no_eps": [.25], "difficulty_paper": [.5],
      "momentum_paper": [.5], "difficulty_plain": [.5]},
     "q=0 then 1; code: average 0 takes the class for absent, m=.25, Q=.75/1.00001; paper: m=.5, d=.5")
r = random.Random(1301)
for i in range(7):
    C, mom = r.randint(2, 5), [.999, .99, .99, .9, .9, .5, .99][i]
    bs = [[{"label": r.randrange(C), "p": round(r.uniform(.02, 1), 4), "iou": round(r.uniform(.05, 1), 4)}
           for _ in range(r.choice([0, 1, 2, 4]))] for _ in range(r.randint(3, 12))]
    if i == 4:
        bs.insert(1, [{"label": 0, "p": .7, "iou": 0.0}])
    x = {"batches": bs, "num_classes": C, "momentum": mom, "xi": .6 if i < 6 else .3}
    add(c, "random %d" % i, x, pdiff(x))

# ================================================== 14. PPAL's diversity from similarities
SHAKE = SHAKE | {"similarity"}
c = group("ppal_diversity_similarity", "similarity matrix of the candidates, distance 1 - s: init (first centre floor(u n) with "
                                       "uniforms[0], then greedy k-centre) and final (k-medoid rounds), the authors' code; "
                                       "greedy, final_greedy: from index 0; init_kmeanspp, final_kmeanspp: k-means++ proper, "
                                       "one uniform a pick (not in the code)")


def pdiv(x):
    return S.ppal_diversity_similarity(x["similarity"], x["budget"], x["uniforms"])


# images at 0 1/8 3/8 6/8 1 of a line, distance = difference, s = 1 - distance (exact in binary)
LN = [0, .125, .375, .75, 1.]
LS = [[1 - abs(a - b) for b in LN] for a in LN]
# k=2, u=.5: first floor(2.5) = 2; distances 3 2 - 3 5 (eighths): 4. Clusters {0,1,2}: sums 4,3,5 -> 1; {3,4}: tie -> 3.
#   again: 2 is 2 from 1, 3 from 3: the same. greedy: farthest from 0 is 4; {0,1,2} (3 against 5), {3,4}: 1, 3.
#   k-means++: squares 9 4 0 9 25 of 47; .9*47 = 42.3; cumulative 9 13 13 22 47 -> 4: as above
X = {"similarity": LS, "budget": 2, "uniforms": [.5, .9]}
hand(c, "hand two", X, pdiv(X), {"init": [2, 4], "final": [1, 3], "greedy": [0, 4], "final_greedy": [1, 3],
                                 "init_kmeanspp": [2, 4], "final_kmeanspp": [1, 3]},
     "first floor(.5*5)=2, farthest 4 (5/8); clusters {0,1,2} sums 4,3,5 -> 1, {3,4} tie -> 3; from 0: 4; the same clusters")
# k=3, u=0: first 0; farthest 4; nearest-centre distances 1, 3, 2 -> 2. Clusters {0,1} (1: 1 from 0, 2 from 2), {3,4}, {2}:
#   ties -> 0 and 3. order of centres 0, 3, 2; the same again. k-means++: squares 0 1 9 36 64 of 110: .5*110 = 55 -> 4
#   (cumulative 1 10 46 110); then 1, min(9,25)=9, min(36,4)=4 of 14: .99*14 = 13.86 -> 3. From 0 4 3: 1 to 0; 2: 3 from 0,
#   3 from 3: tie -> 0's cluster {0,1,2} -> 1; {4}; {3}. then 2: 2 from 1, 3 from 3: the same: 1 4 3
X = {"similarity": LS, "budget": 3, "uniforms": [0.0, .5, .99]}
hand(c, "hand three", X, pdiv(X), {"init": [0, 4, 2], "final": [0, 3, 2], "greedy": [0, 4, 2], "final_greedy": [0, 3, 2],
                                   "init_kmeanspp": [0, 4, 3], "final_kmeanspp": [1, 4, 3]},
     "0, farthest 4, then 2 (3/8); clusters {0,1},{3,4},{2}: ties -> 0, 3, 2. k-means++: .5*110=55 -> 4; .99*14=13.86 -> 3; "
     "{0,1,2} -> 1")
r = random.Random(1401)
for i in range(9):
    def make():
        n = r.randint(8, 16)
        if i < 5:                                     # cosines of features
            f = rpts(r, n, r.choice([2, 3, 5]))
            s = [[1.0 if a == b else round(S.cosine(f[min(a, b)], f[max(a, b)]), 6) for b in range(n)] for a in range(n)]
        else:                                         # matching similarities of detections
            im = [[{"label": r.randrange(2), "score": round(r.uniform(.06, 1), 3), "feature": rpts(r, 1, 3)[0]}
                   for _ in range(r.randint(2, 5))] for _ in range(n)]
            s = [[1.0 if a == b else round(S.ccms_similarity(im[min(a, b)], im[max(a, b)]), 6) for b in range(n)]
                 for a in range(n)]
        b = n if i == 4 else r.randint(2, 6)
        return {"similarity": s, "budget": b, "uniforms": [round(r.random(), 6) for _ in range(b)]}

    def both(x):                                      # shaken symmetrically, the diagonal left at 1
        s = x["similarity"]
        s = [[1.0 if a == b else s[min(a, b)][max(a, b)] for b in range(len(s))] for a in range(len(s))]
        return pdiv(dict(x, similarity=s))
    x = steady(r, both, make)
    assert both(x) == pdiv(x)
    add(c, "random %d" % i, x, pdiv(x))

# ------------------------------------------------------------------------------------------ write
doc = {"format": "blind-al-vectors-1", "units": {"log": "natural (nats)", "box": "[x,y,w,h] pixels, x,y top-left",
       "tolerance": "1e-9 relative/absolute for numbers, exact for indices"}, "groups": OUT}
json.loads(json.dumps(doc, allow_nan=False))
with open("vectors.json", "w") as f:
    json.dump(doc, f, indent=None, separators=(",", ":"), allow_nan=False)
    f.write("\n")
for g in OUT:
    n = OUT[g]["cases"]
    print("%-24s %2d cases, %d by hand" % (g, len(n), sum(1 for x in n if x.get("hand"))))
