"""Active-learning selection strategies for object detection: a blind, independent reference.

Pure standard library (math only), no state, no randomness: every random number is an argument.
Nothing here was taken from this project's own sources; formulas come from the papers and the
authors' public repositories.  Each section says WHAT WAS READ and what is MEMORY ONLY.

Input model
  detection : {"probs": [p_1..p_C], "box": [x, y, w, h]}   box in pixels, x,y = top-left corner
              optional "label" (int, default argmax of probs, ties to the lowest class)
              optional "score" (float, default probs[label])
  image     : {"dets": [detection...], "views": [[detection...], ...], "embedding": [..]}
              detections of views are already mapped back to the original image's coordinates
All logarithms are natural (nats) unless a base is given.  0 ln 0 = 0.
Every tie (argmax, argmin, sort) goes to the LOWEST INDEX.
Sums use math.fsum (correctly rounded); compare with a relative tolerance (1e-9), not bitwise.
"""
import math

LN2 = math.log(2.0)


# ----------------------------------------------------------------------------- small helpers
def argmax(values):
    best = 0
    for i in range(1, len(values)):
        if values[i] > values[best]:
            best = i
    return best


def argmin(values):
    best = 0
    for i in range(1, len(values)):
        if values[i] < values[best]:
            best = i
    return best


def mean(values):
    return math.fsum(values) / len(values)


def xlogx(p):
    return p * math.log(p) if p > 0.0 else 0.0


def order_ascending(values):
    return sorted(range(len(values)), key=lambda i: (values[i], i))


def order_descending(values):
    return sorted(range(len(values)), key=lambda i: (-values[i], i))


def label_of(det):
    return det["label"] if "label" in det else argmax(det["probs"])


def score_of(det):
    return det["score"] if "score" in det else det["probs"][label_of(det)]


def softmax(v):
    top = max(v)
    e = [math.exp(a - top) for a in v]
    s = math.fsum(e)
    return [a / s for a in e]


def iou_xywh(a, b):
    """Intersection over union of two [x, y, w, h] boxes, continuous coordinates (no +1 pixel).

    READ: we1pingyu/CALD cald_train.py get_uncertainty() uses the form without +1 (the unused
    calcu_iou() in the same file has +1).  Union 0 -> 0 (our choice).
    """
    w = min(a[0] + a[2], b[0] + b[2]) - max(a[0], b[0])
    h = min(a[1] + a[3], b[1] + b[3]) - max(a[1], b[1])
    if w <= 0.0 or h <= 0.0:
        return 0.0
    inter = w * h
    union = a[2] * a[3] + b[2] * b[3] - inter
    return inter / union if union > 0.0 else 0.0


def euclidean(a, b):
    return math.sqrt(math.fsum((x - y) * (x - y) for x, y in zip(a, b)))


# --------------------------------------------------------------- 1. classical uncertainty scores
# READ: JordanAsh/badge query_strategies/{least_confidence,margin_sampling}.py (rank by max p and by
#   p1-p2, both ascending); L. Weng, "Learning with not Enough Data Part 2" (U = 1 - max p;
#   margin = p1 - p2; entropy = -sum p log p), as mirrored in a public repository.
# MEMORY ONLY: Brust et al. 2018/19 (arXiv 1809.09875): aggregations sum / average / maximum, and
#   their per-detection "1-vs-2" score (1 - (p1 - p2))^2.
def least_confidence(probs):
    """1 - max_c p_c, in [0, 1); larger = more uncertain."""
    return 1.0 - max(probs)


def margin(probs):
    """p_(1) - p_(2), in [0, 1]; SMALLER = more uncertain.  One class only: p_(2) = 0."""
    s = sorted(probs, reverse=True)
    return s[0] - (s[1] if len(s) > 1 else 0.0)


def margin_uncertainty(probs):
    """1 - margin; larger = more uncertain."""
    return 1.0 - margin(probs)


def margin_1vs2(probs):
    """(1 - margin)^2 (Brust et al.; memory)."""
    return (1.0 - margin(probs)) ** 2


def entropy(probs):
    """-sum_c p_c ln p_c, nats.  The vector is used AS GIVEN (not renormalised)."""
    return -math.fsum(xlogx(p) for p in probs)


def aggregate(values, how, k=None):
    """max | sum | mean | topk (mean of the k largest; fewer than k boxes: mean of all).

    No boxes: 0.0 for each aggregation (our choice; no paper says).
    """
    if not values:
        return 0.0
    if how == "max":
        return max(values)
    if how == "sum":
        return math.fsum(values)
    if how == "mean":
        return mean(values)
    if how == "topk":
        if not k or k < 1:
            raise ValueError("topk needs k >= 1")
        return mean(sorted(values, reverse=True)[:k])
    raise ValueError(how)


# ----------------------------------------------------------------------- 2. binary entropy (sigmoids)
# READ: ChenhongyiYang/PPAL mmdet/ppal/models/retinanet_al/retinanet_uncertainty_head.py:
#   u = -(s log(s + 1e-10) + (1 - s) log(1 - s + 1e-10)) of the detection's OWN score s only.
#   The sum over classes is what the brief states; it was not found in the authors' code.
def binary_entropy(p, eps=0.0):
    """-(p ln(p+eps) + (1-p) ln(1-p+eps)), nats, in [0, ln 2]."""
    if eps == 0.0:
        return -(xlogx(p) + xlogx(1.0 - p))
    return -(p * math.log(p + eps) + (1.0 - p) * math.log(1.0 - p + eps))


def binary_entropy_sum(probs, eps=0.0):
    """Sum over classes of the binary entropies, in [0, C ln 2]."""
    return math.fsum(binary_entropy(p, eps) for p in probs)


# ------------------------------------------------------------------------------------- 3. CALD
# READ: we1pingyu/CALD cald_train.py (commits 182a426 and b825cde: get_uncertainty, cls_kldiv, main,
#   argparse defaults -bp 1.3, -mr 1.2), cald/cald_helper.py, detection/frcnn_la.py and
#   detection/retinanet_cal.py (scores_cls = the FOREGROUND columns of the softmax, background
#   dropped, hence summing to < 1; or the sigmoids; prob_max = max of scores_cls).
# MEMORY ONLY: the text of arXiv 2103.10374 (no page of it with formulas could be opened).
def _kl(p, q):
    return math.fsum(a * math.log(a / b) for a, b in zip(p, q) if a > 0.0)


def js_divergence(p, q, normalise=True, base=math.e):
    """Jensen-Shannon divergence 0.5 KL(p||m) + 0.5 KL(q||m), m = (p+q)/2, clamped at >= 0.

    normalise=True is what the authors' code does: scipy.stats.entropy(p, m) divides BOTH of its
    arguments by their sums, so p, q and m are each normalised separately (m = (p+q)/2 first, then
    m / sum m).  For vectors of sum 1 both forms agree.  An all-zero vector: divergence 0 (our choice;
    scipy gives nan).
    """
    m = [(a + b) / 2.0 for a, b in zip(p, q)]
    if normalise:
        sp, sq, sm = math.fsum(p), math.fsum(q), math.fsum(m)
        if sp <= 0.0 or sq <= 0.0:
            return 0.0
        p = [a / sp for a in p]
        q = [a / sq for a in q]
        m = [a / sm for a in m]
    js = (0.5 * _kl(p, m) + 0.5 * _kl(q, m)) / math.log(base)
    return js if js > 0.0 else 0.0


def cald_match(box, view):
    """Index of the view's detection with the highest IoU (ties, also all-zero IoU: lowest), and IoU.

    The authors' code has no IoU threshold: with no overlap at all it still pairs with index 0, IoU 0.
    """
    ious = [iou_xywh(box, d["box"]) for d in view]
    j = argmax(ious)
    return j, ious[j]


def cald_box_consistency(ref, other, iou, normalise=True, base=math.e):
    """m = IoU + 0.5 (1 - JS(p, p')) (max p + max p'), in [0, 2] (natural log: 1 - JS >= 1 - ln 2)."""
    js = js_divergence(ref["probs"], other["probs"], normalise, base)
    return iou + 0.5 * (1.0 - js) * (max(ref["probs"]) + max(other["probs"]))


def cald_image(dets, views, beta=1.3, cap=1.0, normalise=True, base=math.e):
    """Stage 1 of one image: mean over views of min over reference boxes of |m - beta|.

    cap=1.0: the authors' code starts each view's running minimum at 1.0, so a view never scores above
    1.0; cap=None is the plain minimum.  A view with no detection scores 0.0; an image whose reference
    look has no detection scores 0.0 (both as in the code: most inconsistent, hence picked first).
    Returns {"score", "per_view", "m"} with m[view][box].
    """
    if not views:
        raise ValueError("CALD needs at least one view")
    if not dets:
        return {"score": 0.0, "per_view": [0.0] * len(views), "m": [[] for _ in views]}
    per_view, all_m = [], []
    for view in views:
        if not view:
            per_view.append(0.0)
            all_m.append([])
            continue
        ms = []
        for d in dets:
            j, iou = cald_match(d["box"], view)
            ms.append(cald_box_consistency(d, view[j], iou, normalise, base))
        low = min(abs(m - beta) for m in ms)
        per_view.append(low if cap is None else min(cap, low))
        all_m.append(ms)
    return {"score": mean(per_view), "per_view": per_view, "m": all_m}


def cald_subsample_indices(n):
    """Reference boxes the authors' code keeps: all if n <= 40, else 50 rounded evenly spaced indices
    (np.round(np.linspace(0, n-1, 50)), half to even; indices repeat while n < 50)."""
    if n <= 40:
        return list(range(n))
    step = (n - 1) / 49.0
    return [int(round(i * step)) if i < 49 else n - 1 for i in range(50)]


def cald_class_profile(dets, views, num_classes):
    """Mean over the looks (reference first, then each view) of the highest score per class.

    A detection counts for its own label only, with its own score (as in the code).  An image with an
    empty reference look uses the reference look alone (the code breaks off), i.e. zeros.
    """
    def one(look):
        v = [0.0] * num_classes
        for d in look:
            c = label_of(d)
            v[c] = max(v[c], score_of(d))
        return v
    looks = [one(dets)]
    if dets:
        looks += [one(v) for v in views]
    return [mean([look[c] for look in looks]) for c in range(num_classes)]


def cald_labelled_profile(labelled_counts):
    """Mean over labelled images of the number of ground-truth boxes per class."""
    n = len(labelled_counts[0])
    return [mean([row[c] for row in labelled_counts]) for c in range(n)]


def cald_stage2(profiles, labelled_counts, budget, update=False):
    """Pick `budget` candidates whose class distribution differs most from the labelled pool's.

    JS( softmax(mean labelled counts), softmax(candidate profile) ), argmax, repeated.  Candidates whose
    profile is all zero are taken first, in order.  The authors' code never updates the labelled side
    (the line is commented out: update=False); update=True appends each pick's profile to it.
    Returns {"picks": indices into profiles, "js": divergence of each candidate from the start pool}.
    """
    rows = [list(r) for r in labelled_counts]
    picks = [i for i, p in enumerate(profiles) if math.fsum(p) == 0.0][:budget]
    if update:
        rows += [list(profiles[i]) for i in picks]
    soft = [softmax(p) for p in profiles]
    start = [js_divergence(softmax(cald_labelled_profile(labelled_counts)), q) for q in soft]
    while len(picks) < min(budget, len(profiles)):
        p = softmax(cald_labelled_profile(rows))
        js = [-1.0 if i in picks else js_divergence(p, q) for i, q in enumerate(soft)]
        best = argmax(js)
        picks.append(best)
        if update:
            rows.append(list(profiles[best]))
    return {"picks": picks, "js": start}


def cald_select(images, labelled_counts, num_classes, budget, beta=1.3, ratio=1.2, update=False):
    """Stage 1 (ascending score), keep int(ratio * budget), stage 2 among those; original indices."""
    scores = [cald_image(im["dets"], im["views"], beta)["score"] for im in images]
    order = order_ascending(scores)[:int(ratio * budget)]
    profiles = [cald_class_profile(images[i]["dets"], images[i]["views"], num_classes) for i in order]
    picks = cald_stage2(profiles, labelled_counts, budget, update)["picks"]
    return {"scores": scores, "stage1": order, "picks": [order[i] for i in picks]}


# --------------------------------------------------------------- 4. and 10. core-set and neighbours
# READ: ozansener/active_learning_coreset coreset/greedy_facility_location.py (greedy argmax of the
#   distance to the nearest centre, squared Euclidean) and compute_distance_mat.py; JordanAsh/badge
#   query_strategies/core_set.py furthest_first() (Euclidean; with no labelled point all distances are
#   inf, so numpy argmax gives index 0).
# MEMORY ONLY: Sener & Savarese, ICLR 2018, Algorithm 1 (u = argmax_i min_j D(x_i, x_j)).
# Only the greedy algorithm is here, not the paper's robust (mixed-integer) k-centre refinement.
def kcenter_greedy(pool, labelled, budget):
    """Returns {"picks", "distances", "radius"}; picks index the pool.

    distances[t] = Euclidean distance of pick t to its nearest labelled/picked point when it was picked
    (None for a first pick with nothing labelled: that pick is INDEX 0 by definition).  radius = largest
    distance of any pool point to its nearest centre afterwards.  A point is never picked twice.
    """
    near = [min((euclidean(x, y) for y in labelled), default=math.inf) for x in pool]
    picks, dist = [], []
    while len(picks) < min(budget, len(pool)):
        masked = [-1.0 if i in picks else near[i] for i in range(len(pool))]
        i = argmax(masked)
        picks.append(i)
        dist.append(None if math.isinf(near[i]) else near[i])
        near = [min(d, euclidean(x, pool[i])) for d, x in zip(near, pool)]
    radius = max(near) if near else 0.0
    return {"picks": picks, "distances": dist, "radius": None if math.isinf(radius) else radius}


def nearest_neighbours(query, points, k):
    """The k points nearest to query: [(index, Euclidean distance)], ascending, ties: lowest index."""
    d = [euclidean(query, p) for p in points]
    return [(i, d[i]) for i in order_ascending(d)[:k]]


# ------------------------------------------------------------------------------------ 5. BADGE
# READ: JordanAsh/badge query_strategies/strategy.py get_grad_embedding() (block c of the embedding =
#   (1[c == argmax] - p_c) h: the NEGATIVE of the gradient, which no distance sees) and
#   badge_sampling.py init_centers() (first centre = largest norm; then probability ~ squared distance;
#   a centre drawn twice is drawn again).
# MEMORY ONLY: Ash et al., ICLR 2020, eq. 1 / Algorithm 1: (g_x)_i = (p_i - 1[y^ = i]) z, k-means++ with
#   a uniformly random first centre.  The paper is on classification; images of several boxes are ours.
def badge_embedding(probs, h):
    """(p - onehot(argmax p)) outer h, flattened class-major: entry c*len(h)+j = (p_c - 1[c=y]) h_j."""
    y = argmax(probs)
    return [(p - (1.0 if c == y else 0.0)) * a for c, p in enumerate(probs) for a in h]


def badge_image_embedding(all_probs, all_h, how="sum"):
    """Sum or mean of the detections' gradient embeddings (NOT in the paper: see README)."""
    es = [badge_embedding(p, h) for p, h in zip(all_probs, all_h)]
    n = float(len(es)) if how == "mean" else 1.0
    return [math.fsum(col) / n for col in zip(*es)]


def kmeanspp(points, budget, uniforms, first="max_norm"):
    """k-means++ seeding with given uniform numbers in [0, 1).

    first="max_norm": the first centre is the point of largest Euclidean norm, no number used (code).
    first="uniform" : the first centre is floor(u * n) of the first number (paper).
    Next centres: weights w_i = squared distance to the nearest centre, 0 for centres already taken;
    pick the smallest i with w_0 + ... + w_i > u * sum(w); one number each.  All weights 0: the lowest
    index not yet taken (that number is used up too).
    Returns {"picks", "closest_cdf_gap"}: the gap is how near any draw came to a boundary (0..1 units).
    """
    it = iter(uniforms)
    n = len(points)
    picks, gap = [], 1.0
    if not n or budget < 1:
        return {"picks": [], "closest_cdf_gap": gap}
    if first == "max_norm":
        picks.append(argmax([math.fsum(a * a for a in p) for p in points]))
    else:
        picks.append(min(n - 1, int(next(it) * n)))
    d2 = [math.inf] * n
    while len(picks) < min(budget, n):
        c = points[picks[-1]]
        d2 = [min(d, math.fsum((a - b) ** 2 for a, b in zip(p, c))) for d, p in zip(d2, points)]
        w = [0.0 if i in picks else d2[i] for i in range(n)]
        total = math.fsum(w)
        u = next(it)
        if total <= 0.0:
            picks.append(min(i for i in range(n) if i not in picks))
            continue
        run, chosen = 0.0, None
        for i in range(n):
            run += w[i]
            gap = min(gap, abs(run / total - u))
            if chosen is None and w[i] > 0.0 and run > u * total:
                chosen = i
        if chosen is None:                                   # rounding at u -> 1
            chosen = max(i for i in range(n) if w[i] > 0.0)
        picks.append(chosen)
    return {"picks": picks, "closest_cdf_gap": gap}


# -------------------------------------------------------------------------------- 6. TypiClust
# READ: avihu111/TypiClust deep-al/pycls/al/typiclust.py: typicality = 1 / (mean_distance + 1e-5), where
#   the distances come from faiss IndexFlatL2, which returns SQUARED distances; the point itself is
#   dropped; K = min(20, cluster_size // 2) inside a cluster; clusters of size <= 5 dropped; clusters
#   sorted by (labelled count, -size); visited in turn; the most typical unlabelled member is picked.
# MEMORY ONLY: Hacohen et al., ICML 2022, eq. 4: typicality(x) = (1/K sum_{NN} ||x - x_i||_2)^-1, K = 20.
def typicality(points, k=20, squared=False, eps=0.0):
    """One value per point; K is cut to n - 1; the point itself is not its own neighbour.

    squared=False, eps=0: the paper.  squared=True, eps=1e-5: the authors' code.  Mean 0: math.inf.
    A lone point (no neighbour): 0.0 (our choice).
    """
    out = []
    for i, x in enumerate(points):
        d = sorted(euclidean(x, y) for j, y in enumerate(points) if j != i)[:k]
        if not d:
            out.append(0.0)
            continue
        if squared:
            d = [a * a for a in d]
        m = mean(d) + eps
        out.append(1.0 / m if m > 0.0 else math.inf)
    return out


def typiclust_select(points, clusters, labelled, budget, k=20, min_size=5, squared=False, eps=0.0):
    """TypiClust's pick step for GIVEN cluster ids (the clustering itself is random: not here).

    points: all, labelled and not; labelled: indices already labelled.  Clusters of size <= min_size are
    dropped, the rest ordered by (number labelled, -size, id) once, then visited in turn.  K =
    max(1, min(k, unlabelled members // 2)).  An exhausted cluster is skipped (the code would fail).
    """
    sizes, taken = {}, {}
    for i, c in enumerate(clusters):
        sizes[c] = sizes.get(c, 0) + 1
        taken[c] = taken.get(c, 0) + (1 if i in labelled else 0)
    order = sorted((c for c in sizes if sizes[c] > min_size), key=lambda c: (taken[c], -sizes[c], c))
    gone, picks, turn, idle = set(labelled), [], 0, 0
    while order and len(picks) < budget and idle < len(order):
        c = order[turn % len(order)]
        turn += 1
        members = [i for i in range(len(points)) if clusters[i] == c and i not in gone]
        if not members:
            idle += 1
            continue
        idle = 0
        t = typicality([points[i] for i in members], max(1, min(k, len(members) // 2)), squared, eps)
        best = members[argmax(t)]
        picks.append(best)
        gone.add(best)
    return picks


# ------------------------------------------------------------------------------------- 7. PPAL
# READ: ChenhongyiYang/PPAL mmdet/ppal/sampler/difficulty_calibrated_uncertainty_sampler.py (weights,
#   image sum), al_sampler_base.py (box filter), models/retinanet_al/retinanet_quality_head.py (class
#   quality and its moving average, xi 0.6, momentum 0.999), models/utils.py
#   get_img_score_distance_matrix_slow (matching distance), sampler/diversity_sampler.py (k-centre +
#   k-medoids), al_configs/coco/ppal_retinanet_coco.py (alpha 0.3, upper bound 0.2, score_thr 0.05,
#   budget_expand_ratio 4); the abstract of arXiv 2211.11612v2.
# SECOND HAND: the paper's similarity with 0 for "no box of that class" was read in a third-party
#   README describing CCMS; the paper's own equations could not be opened.
def ppal_box_quality(p, iou, xi=0.6):
    """q = p^xi * IoU^(1-xi): p = predicted probability of the true class, IoU with the true box."""
    return (p ** xi) * (iou ** (1.0 - xi))


def ppal_update_quality(quality, momentum, per_class_q, base_momentum=0.999):
    """One training step of the per-class moving average; returns (quality, momentum).

    avg_c = sum q / (n + 1e-5), 0 for a class absent from the batch; quality <- m q + (1-m) avg for EVERY
    class (so an absent class decays); then m <- base if avg > 0 else m * base.  Start: quality 0, m base.
    """
    q2, m2 = [], []
    for q, m, vals in zip(quality, momentum, per_class_q):
        avg = math.fsum(vals) / (len(vals) + 1e-5)
        q2.append(m * q + (1.0 - m) * avg)
        m2.append(base_momentum if avg > 0.0 else m * base_momentum)
    return q2, m2


def ppal_class_weights(difficulty, alpha=0.3, beta=0.2):
    """w_c = 1 + alpha beta ln(gamma d_c + 1), gamma = e^(1/alpha) - 1; d=0 -> 1, d=1 -> 1 + beta.

    difficulty d_c = 1 - class quality (published).  From an average precision: d_c = 1 - AP_c is NOT the
    published statistic (a third-party plugin does it); the function takes d and does not care.
    """
    g = math.exp(1.0 / alpha) - 1.0
    return [1.0 + alpha * beta * math.log(g * d + 1.0) for d in difficulty]


def ppal_box_valid(box, image_size, size_thr=16.0, ratio_thr=5.0):
    """The authors' box filter: sqrt(w h) > 16 px and both aspect ratios < 5 after cutting the right and
    bottom edges to the image (a negative x or y is not cut)."""
    W, H = image_size
    x, y, w, h = box
    if x > W or y > H:
        return False
    w, h = min(W, x + w) - x, min(H, y + h) - y
    if w * h < 0.0:
        return False
    return math.sqrt(w * h) > size_thr and w / (h + 1e-10) < ratio_thr and h / (w + 1e-10) < ratio_thr


def ppal_image_uncertainty(dets, weights, mode="own_score", score_thr=0.05, image_size=None, eps=0.0):
    """sum over kept boxes of w_label * u.   No box kept: 0.

    mode: "own_score"  u = binary entropy of the box's own score (the authors' code; eps=1e-10 there)
          "all_classes" u = sum over classes of the binary entropies (the brief's formula)
          "softmax"     u = -sum p ln p
    Kept: score >= score_thr (None: all) and, if image_size is given, ppal_box_valid.
    """
    total = []
    for d in dets:
        if score_thr is not None and score_of(d) < score_thr:
            continue
        if image_size is not None and not ppal_box_valid(d["box"], image_size):
            continue
        if mode == "own_score":
            u = binary_entropy(score_of(d), eps)
        elif mode == "all_classes":
            u = binary_entropy_sum(d["probs"], eps)
        elif mode == "softmax":
            u = entropy(d["probs"])
        else:
            raise ValueError(mode)
        total.append(weights[label_of(d)] * u)
    return math.fsum(total)


def cosine(a, b):
    na = max(math.sqrt(math.fsum(x * x for x in a)), 1e-12)      # torch F.normalize's eps
    nb = max(math.sqrt(math.fsum(x * x for x in b)), 1e-12)
    return math.fsum((x / na) * (y / nb) for x, y in zip(a, b))


def ccms_directional(a, b, unmatched=0.0, score_thr=None):
    """sum_i t_i s_i / sum_i t_i over the boxes of a; s_i = max cosine to a box of b with i's label,
    `unmatched` if b has none.  Boxes are {"label", "score", "feature"}.

    score_thr: boxes with score <= it are dropped on both sides (code: 0.05; None keeps all).
    a empty, or all scores 0: 0.0 (our choice).
    """
    if score_thr is not None:
        a = [d for d in a if d["score"] > score_thr]
        b = [d for d in b if d["score"] > score_thr]
    num, den = [], []
    for d in a:
        sims = [cosine(d["feature"], e["feature"]) for e in b if e["label"] == d["label"]]
        num.append(d["score"] * (max(sims) if sims else unmatched))
        den.append(d["score"])
    s = math.fsum(den)
    return math.fsum(num) / s if s > 0.0 else 0.0


def ccms_similarity(a, b, unmatched=0.0, score_thr=None):
    """0.5 (S'(a, b) + S'(b, a)), in [-1, 1].  unmatched=0: paper, second hand.  -1: as the code."""
    return 0.5 * (ccms_directional(a, b, unmatched, score_thr)
                  + ccms_directional(b, a, unmatched, score_thr))


def ccms_distance_code(a, b, score_thr=0.05):
    """The authors' code's distance: box distance 1 - cosine, 2 when no box has the label, weighted by
    score, divided by (sum of scores + 1e-5), both directions averaged; in [0, 2].

    Two things of that code are kept out, as bugs: it forces the distance of box k of one image to box k
    of the OTHER image to 0 if the labels agree ("diag to 0"), and it needs equally long lists.
    If one image has no box above score_thr the code's distance is 0: kept.
    """
    a = [d for d in a if d["score"] > score_thr]
    b = [d for d in b if d["score"] > score_thr]

    def half(u, v):
        if not u or not v:
            return 0.0
        num = []
        for d in u:
            ds = [1.0 - cosine(d["feature"], e["feature"]) for e in v if e["label"] == d["label"]]
            num.append(d["score"] * (min(ds) if ds else 2.0))
        return math.fsum(num) / (math.fsum(d["score"] for d in u) + 0.00001)
    return 0.5 * (half(a, b) + half(b, a))


def ppal_diversity(dist, k, first=0, n_iter=100):
    """The authors' "k-means++" on a distance matrix: greedy k-centre from `first`, then k-medoids.

    Each round: every point to its nearest centre (ties: the earlier centre in the list), then every
    centre moves to the member with the least total distance inside its cluster (ties: lowest index).
    Returns {"init", "picks"} (in centre order).  The code draws `first` at random.
    """
    n = len(dist)
    init = [first]
    while len(init) < min(k, n):
        d = [-1.0 if i in init else min(dist[i][c] for c in init) for i in range(n)]
        init.append(argmax(d))
    centres = list(init)
    for _ in range(n_iter):
        assign = [argmin([dist[i][c] for c in centres]) for i in range(n)]
        new = []
        for j in range(len(centres)):
            members = [i for i in range(n) if assign[i] == j]
            if not members:
                new.append(centres[j])
                continue
            cost = [math.fsum(dist[i][x] for x in members) for i in members]
            new.append(members[argmin(cost)])
        if new == centres:
            break                      # a fixed point: further rounds change nothing
        centres = new
    return {"init": init, "picks": centres}


# ----------------------------------------------------------- 8. mutual information, variance of looks
# READ: JordanAsh/badge query_strategies/bayesian_active_learning_disagreement_dropout.py (E[H] - H[E],
#   ascending, i.e. H[E] - E[H] descending); L. Weng's text of BALD (Houlsby et al. 2011).
# MEMORY ONLY: Gal et al. 2017 "Mean STD": mean over classes of sqrt(E[p^2] - E[p]^2).
def bald(looks):
    """H(mean p) - mean H(p), nats, >= 0 (clamped), for looks of one object: [[p_1..p_C], ...]."""
    avg = [mean(col) for col in zip(*looks)]
    return max(0.0, entropy(avg) - mean([entropy(p) for p in looks]))


def bald_sigmoid(looks):
    """The same for independent sigmoids: sum over classes of h(mean p_c) - mean h(p_c), h binary."""
    return math.fsum(max(0.0, binary_entropy(mean(col)) - mean([binary_entropy(p) for p in col]))
                     for col in zip(*looks))


def look_variance(looks):
    """Population variance (divided by the number of looks) per class."""
    out = []
    for col in zip(*looks):
        m = mean(col)
        out.append(mean([(p - m) ** 2 for p in col]))
    return out


def look_variance_scores(looks):
    """{"sum", "mean", "max"} of the per-class variances and "mean_std" (mean of their roots)."""
    v = look_variance(looks)
    return {"sum": math.fsum(v), "mean": mean(v), "max": max(v), "mean_std": mean([math.sqrt(a) for a in v])}


def collect_looks(det, views, iou_min=0.5):
    """The reference look first, then each view's best-IoU detection if its IoU >= iou_min; views without
    such a detection are left out (NOT in any of the papers: see README)."""
    looks = [det["probs"]]
    for view in views:
        if view:
            j, iou = cald_match(det["box"], view)
            if iou >= iou_min:
                looks.append(view[j]["probs"])
    return looks


# ----------------------------------------------------------------------- 9. localized divergence
# READ: the authors' network code (network/models/fireresidual_detection.py as kept in
#   YixiongDing/MIL-Based-AL: 9x9 stride-1 average pooling, padding SAME, +1e-12 inside the logs, sum
#   over the 5 probability maps; score = mean of maximum_filter(30)[::30, ::30]) and the authors' README
#   ("sum of max pooled scores"); a reader's transcription of the paper's equations (z = 1/D sum s_max).
# MEMORY ONLY: Aghdam et al., ICCV 2019 (arXiv 1911.09168) itself.
def _window_mean(grid, r):
    H, W = len(grid), len(grid[0])
    out = []
    for y in range(H):
        row = []
        for x in range(W):
            vals = [grid[v][u] for v in range(max(0, y - r), min(H, y + r + 1))
                    for u in range(max(0, x - r), min(W, x + r + 1))]
            row.append(mean(vals))
        out.append(row)
    return out


def localized_divergence(maps, radius=4, eps=0.0):
    """Per pixel, summed over the K maps: h(mean of p) - mean of h(p) over the (2r+1)^2 window.

    maps: K grids of H rows by W of object probabilities (binary entropy h, nats).  At the border only
    the pixels inside the image are averaged (TensorFlow's SAME average pooling leaves the padding out: MEMORY).  Not clamped.
    """
    H, W = len(maps[0]), len(maps[0][0])
    out = [[[] for _ in range(W)] for _ in range(H)]
    for g in maps:
        pm = _window_mean(g, radius)
        hm = _window_mean([[binary_entropy(p, eps) for p in row] for row in g], radius)
        for y in range(H):
            for x in range(W):
                out[y][x].append(binary_entropy(pm[y][x], eps) - hm[y][x])
    return [[math.fsum(c) for c in row] for row in out]


def square_maxima(grid, size):
    """Maximum of each non-overlapping size x size square from the top-left corner, row by row; squares
    cut by the right/bottom border count with the pixels they have."""
    H, W = len(grid), len(grid[0])
    return [max(grid[v][u] for v in range(y, min(H, y + size)) for u in range(x, min(W, x + size)))
            for y in range(0, H, size) for x in range(0, W, size)]


def square_maxima_code(grid, size):
    """What the authors' scipy line does: maximum over rows y-size//2 .. y-size//2+size-1 (columns alike),
    mirrored at the border, at y, x = 0, size, 2 size, ..."""
    H, W = len(grid), len(grid[0])

    def mirror(i, n):
        i %= 2 * n
        return i if i < n else 2 * n - 1 - i
    offs = range(-(size // 2), size - size // 2)
    return [max(grid[mirror(y + a, H)][mirror(x + b, W)] for a in offs for b in offs)
            for y in range(0, H, size) for x in range(0, W, size)]


def localized_divergence_image(maps, radius=4, size=30, eps=0.0):
    """Image scores: sum and mean over the squares of the largest pixel score; and the code's form."""
    s = localized_divergence(maps, radius, eps)
    m, c = square_maxima(s, size), square_maxima_code(s, size)
    return {"sum": math.fsum(m), "mean": mean(m), "maxima": m, "mean_code": mean(c)}


# ============================================================= second part: 11. to 14. (added later)
# Every function above is as it was; the functions below use them.

# -------------------------------------------------------------------------------- 11. BADGE's picks
# READ: JordanAsh/badge query_strategies/badge_sampling.py init_centers() at commits 6beb219 and 173a184 (first:
#   np.argmax of the 2-norms; then D2 = Euclidean distance to the nearest centre, probability D2**2 / sum(D2**2),
#   stats.rv_discrete over 0..n-1; the later commit draws again while the index was drawn before), strategy.py
#   get_grad_embedding() (173a184); JordanAsh/badge issue 5 ("k-means++ should never repeat an index").
# MEMORY ONLY: the paper's Algorithm 1 (first centre uniform at random).
def badge_picks(probs_per_image, embeddings, budget, uniforms, first="max_norm"):
    """BADGE for images of one probability vector each: gradient embeddings, then k-means++ seeding.

    first="max_norm" (code): pick 0 is the longest gradient and uses no number, pick t >= 1 uses uniforms[t-1].
    first="uniform" (paper): pick t uses uniforms[t]; pick 0 is floor(u n).
    Returns {"picks", "distances", "norms", "closest_cdf_gap"}; distances[t] = Euclidean distance of pick t to
    its nearest earlier pick when it was picked, None for pick 0; norms = length of every image's gradient.
    All weights 0 (every image coincides with a pick): the lowest index left, OUR choice (the code stops in pdb,
    or, at the later commit, draws for ever).
    """
    g = [badge_embedding(p, h) for p, h in zip(probs_per_image, embeddings)]
    e = kmeanspp(g, budget, uniforms, first)
    picks = e["picks"]
    dist = [min(euclidean(g[i], g[j]) for j in picks[:t]) if t else None for t, i in enumerate(picks)]
    return {"picks": picks, "distances": dist, "norms": [math.sqrt(math.fsum(a * a for a in x)) for x in g],
            "closest_cdf_gap": e["closest_cdf_gap"]}


# ---------------------------------------------------------------------------- 12. TypiClust's picks
# READ: avihu111/TypiClust deep-al/pycls/al/typiclust.py at commits 9444984 and 2e14a16 (the same pick step) and the
#   first version, pycls/al/typiclust.py at 06dff0a, whose loop passes over a cluster with fewer than
#   MIN_CLUSTER_SIZE unlabelled members left.  faiss IndexFlatL2 gives SQUARED distances: MEMORY of faiss.
# MEMORY ONLY: Hacohen et al. 2022, eq. 4, Algorithm 1 ("the largest uncovered cluster" in each turn) and the
#   remark that K = min(20, cluster size) inside a small cluster.  Only the abstract could be opened.
def typiclust_cluster_order(clusters, labelled, min_size):
    """Cluster ids by (number labelled ascending, size descending, id); sizes <= min_size left out.

    Size = members, labelled and not (code: cluster_size > MIN_CLUSTER_SIZE, MIN_CLUSTER_SIZE = 5).
    """
    size, lab = {}, {}
    for i, c in enumerate(clusters):
        size[c] = size.get(c, 0) + 1
        lab[c] = lab.get(c, 0) + (1 if i in labelled else 0)
    return sorted((c for c in size if size[c] > min_size), key=lambda c: (lab[c], -size[c], c))


def mean_knn_distance(points, i, pool, k, squared):
    """Mean (squared) distance of point i to its k nearest of the indices in pool other than i; None if none."""
    d = sorted(euclidean(points[i], points[j]) for j in pool if j != i)[:k]
    if not d:
        return None
    return mean([a * a for a in d] if squared else d)


def typiclust_picks(points, clusters, labelled, budget, max_neighbours=20, min_size=5, pool="left", k_rule="half",
                    squared=True, resort=False, left_min=1):
    """TypiClust's pick step for given clusters; the defaults are the authors' code.  Returns a list of indices.

    min_size   clusters of that size or smaller are left out (code 5; 0: none is; the paper's text: not read).
    pool       where the neighbours are looked for: "left" = the members neither labelled nor picked (code: labels of
               both become -1), "members" = all members of the cluster, "all" = all points (eq. 4 taken literally).
    k_rule     "half": K = max(1, min(max_neighbours, len(left) // 2)), left = unlabelled unpicked members (code; its
               K is 0 for a single member, which it then picks all the same);
               "all": K = min(max_neighbours, neighbours there are) (paper, memory).
    squared    True: least mean SQUARED distance (code); False: least mean distance (eq. 4).  Typicality is
               1 / (mean + 1e-5) or 1 / mean: the largest is the least mean, so the means are compared.
    resort     False: the order is made once and gone round again and again (code).  True: after each pick the pick
               counts as labelled and the order is made anew, its first cluster with an unlabelled member is taken
               (the paper's "uncovered" read as a rule for each pick).
    left_min   a cluster with fewer unlabelled members left is passed over (first version of the code: 5).
    A cluster with nobody left is passed over (the code fails); no cluster left: fewer picks, or none.
    Ties go to the lowest index (a pair of mutual nearest neighbours ties exactly when K = 1).
    """
    taken, picks = set(labelled), []
    order, turn, idle = typiclust_cluster_order(clusters, taken, min_size), 0, 0
    while len(picks) < budget and order and idle < len(order):
        if resort:
            order, idle = typiclust_cluster_order(clusters, taken, min_size), 0
            usable = [c for c in order if any(clusters[i] == c and i not in taken for i in range(len(points)))]
            if not usable:
                break
            c = usable[0]
        else:
            c = order[turn % len(order)]
            turn += 1
        members = [i for i in range(len(points)) if clusters[i] == c]
        left = [i for i in members if i not in taken]
        if len(left) < max(1, left_min):
            idle += 1
            if resort:
                break
            continue
        idle = 0
        where = left if pool == "left" else members if pool == "members" else list(range(len(points)))
        k = max(1, min(max_neighbours, len(left) // 2)) if k_rule == "half" else max_neighbours
        cost = [mean_knn_distance(points, i, where, k, squared) for i in left]
        if cost[0] is None:                                  # a lone point: nothing to compare
            best = left[0]
        else:
            best = left[argmin(cost)]
        picks.append(best)
        taken.add(best)
    return picks


# --------------------------------------------------------------------------- 13. PPAL's difficulties
# READ: ChenhongyiYang/PPAL mmdet/ppal/models/retinanet_al/retinanet_quality_head.py (all of it; xi 0.6, base_momentum
#   0.999 by default), configs/{coco,voc}_active_learning/al_train/retinanet_26e.py (both set base_momentum=0.99, so
#   0.99 is what the published runs use), difficulty_calibrated_uncertainty_sampler.py (reverse_q = 1 - class_quality);
#   ChenhongyiYang/PPAL issue 5, the author: class_quality = 1 - class difficulty, section 3.3 of the paper, updated by
#   a moving average during training.
# MEMORY ONLY: the paper's own equations: d^k = m^(k-1) d^(k-1) + (1 - m^(k-1)) mean_j d_j for a class present in
#   iteration k, unchanged for one that is not; m^k = m0 if the class was there, m0 m^(k-1) if not; all d start at 1.
#   Only the abstract could be opened.
def ppal_difficulties(batches, num_classes, momentum=0.99, xi=0.6, reading="code"):
    """Class difficulties after a list of batches; a batch is a list of {"label", "p", "iou"}, one per positive box.

    Every reading: q = p^xi IoU^(1-xi), a box's difficulty 1 - q, a class starts at difficulty 1 (quality 0).
    "code"   average = sum q / (n + 1e-5), 0 for a class that is not there, and quality <- m q + (1-m) average for
             EVERY class (an absent class gets more difficult); afterwards m <- momentum if average > 0 else
             m momentum.  A class present with q = 0 in all its boxes counts as absent for its momentum.
    "no_eps" the same with n in the place of n + 1e-5.
    "paper"  absent: difficulty unchanged, m <- m momentum; present (n > 0): the average 1 - sum q / n with m, then
             m <- momentum.
    "plain"  one fixed momentum; absent: unchanged.
    Returns {"difficulty", "momentum", "after_each": difficulties after each batch}.
    """
    quality, m, after = [0.0] * num_classes, [momentum] * num_classes, []
    for batch in batches:
        per = [[ppal_box_quality(b["p"], b["iou"], xi) for b in batch if b["label"] == c] for c in range(num_classes)]
        if reading == "code":
            quality, m = ppal_update_quality(quality, m, per, momentum)
        else:
            for c, q in enumerate(per):
                avg = math.fsum(q) / len(q) if q else 0.0
                if q or reading == "no_eps":
                    quality[c] = m[c] * quality[c] + (1.0 - m[c]) * avg
                if reading == "no_eps":
                    m[c] = momentum if avg > 0.0 else m[c] * momentum
                elif reading == "paper":
                    m[c] = momentum if q else m[c] * momentum
        after.append([1.0 - q for q in quality])
    return {"difficulty": [1.0 - q for q in quality], "momentum": list(m), "after_each": after}


# ------------------------------------------------------------- 14. PPAL's diversity from similarities
# READ: ChenhongyiYang/PPAL mmdet/ppal/sampler/diversity_sampler.py (k_centroid_greedy: first centre np.random.randint,
#   then argmax of the distance to the nearest centre, centres themselves -1; kmeans: 100 rounds of nearest centre and
#   medoid, no test of convergence, an assertion that no cluster is empty), models/utils.py (the matrix it gets holds
#   DISTANCES, 1 - cosine, 2 for "no box of that class"), tools/run_al_coco.py; issues 3 and 12 (the assertion fails
#   on some data: distance 0 between two centres, or an image assigned to an earlier centre).
# MEMORY ONLY: the paper calls it k-means++ over CCMS with a k-centre-greedy start; whether its text says more of the
#   start was not read (the abstract says "k-Means++").
def ppal_medoid_rounds(dist, centres, n_iter=100):
    """The refinement of ppal_diversity from given centres (the same rules; 100 rounds, or a fixed point)."""
    n, centres = len(dist), list(centres)
    for _ in range(n_iter):
        assign = [argmin([dist[i][c] for c in centres]) for i in range(n)]
        new = []
        for j, old in enumerate(centres):
            members = [i for i in range(n) if assign[i] == j]
            cost = [math.fsum(dist[i][x] for x in members) for i in members]
            new.append(members[argmin(cost)] if members else old)
        if new == centres:
            break
        centres = new
    return centres


def ppal_kmeanspp_start(dist, k, uniforms):
    """k-means++ proper on a distance matrix: first floor(u n), then probability ~ squared distance to the nearest
    centre, inverse CDF in index order; one number each.  NOT in the authors' code, only its name is."""
    n = len(dist)
    picks = [min(n - 1, int(uniforms[0] * n))]
    while len(picks) < min(k, n):
        w = [0.0 if i in picks else min(dist[i][c] for c in picks) ** 2 for i in range(n)]
        goal, run, chosen = uniforms[len(picks)] * math.fsum(w), 0.0, None
        for i in range(n):
            run += w[i]
            if w[i] > 0.0 and run > goal:
                chosen = i
                break
        if chosen is None:
            free = [i for i in range(n) if i not in picks]
            chosen = max((i for i in free if w[i] > 0.0), default=min(free))
        picks.append(chosen)
    return picks


def ppal_diversity_similarity(similarity, budget, uniforms):
    """Second stage from a similarity matrix; distance = 1 - similarity.

    init, final            the code: first centre floor(uniforms[0] n) (it calls np.random.randint), greedy k-centre,
                           then medoid rounds.  No other number is used.
    greedy, final_greedy   the same from index 0: plain k-centre greedy, and its refinement.
    init_kmeanspp, final_kmeanspp   k-means++ proper in the place of the greedy start (one number a pick).
    """
    dist = [[1.0 - s for s in row] for row in similarity]
    n = len(dist)
    code = ppal_diversity(dist, budget, min(n - 1, int(uniforms[0] * n)))
    zero = ppal_diversity(dist, budget, 0)
    pp = ppal_kmeanspp_start(dist, budget, uniforms)
    return {"init": code["init"], "final": code["picks"], "greedy": zero["init"], "final_greedy": zero["picks"],
            "init_kmeanspp": pp, "final_kmeanspp": ppal_medoid_rounds(dist, pp)}
