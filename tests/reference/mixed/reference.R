# What lme4, lmerTest and pbkrtest give for the data sets of this folder: Rscript reference.R > reference.csv
suppressMessages({library(lme4); library(lmerTest); library(pbkrtest)})
control <- lmerControl(optimizer = "bobyqa", optCtrl = list(maxfun = 1e6, rhoend = 1e-10), check.conv.singular = "ignore")
rows <- list()
for (file in sort(list.files(pattern = "\\.csv$"))) {
  name <- sub("\\.csv$", "", file)
  if (name == "reference") next
  d <- read.csv(file)
  waves <- intersect(c("pre", "post", "followup"), unique(d$wave))
  d$wave <- factor(d$wave, levels = waves)
  d$cohort <- factor(d$cohort)
  later <- waves[-1]
  for (w in later) d[[w]] <- as.numeric(d$wave == w)
  random <- paste(c("(1|cohort)", sprintf("(0+%s|cohort)", later), "(1|participant)"), collapse = "+")
  fits <- list(
    these_cohorts = lmer(score ~ wave * cohort + (1 | participant), d, control = control, contrasts = list(cohort = "contr.sum")),
    future_cohorts = lmer(as.formula(paste("score ~ wave +", random)), d, control = control))
  for (frame in names(fits)) {
    fit <- fits[[frame]]
    adjusted <- vcovAdj(fit)
    for (w in later) {
      L <- as.numeric(names(fixef(fit)) == paste0("wave", w))
      satterthwaite <- contest1D(fit, L)
      rows[[length(rows) + 1]] <- data.frame(
        data = name, frame = frame, wave = w, criterion = REMLcrit(fit), estimate = sum(L * fixef(fit)),
        std_error = satterthwaite[["Std. Error"]], df_satterthwaite = satterthwaite[["df"]],
        std_error_kr = sqrt(as.numeric(t(L) %*% adjusted %*% L)), df_kr = Lb_ddf(L, vcov(fit), adjusted))
    }
  }
}
out <- do.call(rbind, rows)
out[, 4:9] <- lapply(out[, 4:9], function(x) formatC(x, digits = 12, format = "g"))
write.csv(out, row.names = FALSE, quote = FALSE)
